/**
 * Members of a policy's JSON, by names that its author chose: Maps, and refusals that name a place.
 */
import { parseTemplate, type Template, TemplateFault } from './template.ts';

/** A policy that cannot be taken; the message names the statement and the member. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault';

  constructor(where: string, what: string) {
    super(`${where} ${what}`);
  }
}

/** Own members of an object. Throws PolicyFault on anything else. */
export function membersOf(json: unknown, where: string): ReadonlyMap<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new PolicyFault(where, 'must be an object');
  }
  return new Map(Object.entries(json));
}

/** One value or a list of them; at least one, at most `max`. */
export function listOf(json: unknown, where: string, max: number): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(json) ? json : [json];
  if (list.length === 0) throw new PolicyFault(where, 'must not be empty');
  if (list.length > max) {
    throw new PolicyFault(where, `has ${list.length} values, more than ${max} (policyValuesMax)`);
  }
  return list;
}

export function templateOf(text: string, where: string, hasWildcards: boolean): Template {
  try {
    return parseTemplate(text, hasWildcards);
  } catch (error) {
    if (error instanceof TemplateFault) throw new PolicyFault(where, error.message);
    throw error;
  }
}
