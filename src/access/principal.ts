/**
 * Whom a policy of a resource is about: its Principal, or all but its NotPrincipal.
 *
 * A caller is meant by `*`, by its ARN, or by its role's when it came with a token. An account
 * means all its callers where it denies; where it allows, it leaves to their own policies what they
 * may, so that an Allow of the caller's own account alone gives nothing (as in IAM).
 */
import { policyValuesMax } from '../base/access-limits.ts';
import { listOf, membersOf, PolicyFault } from './policy-members.ts';

export interface Principal {
  readonly isNot: boolean;
  /** ARNs, accounts of 12 digits, or `*`. */
  readonly names: readonly string[];
}

const account = /^\d{12}$/;
const accountArn = /^arn:aws:iam::(\d{12}):root$/;
const callerArn = /^arn:aws:(iam|sts)::\d{12}:[\w+=,.@/-]+$/;

/** The Principal or NotPrincipal of a statement. Throws PolicyFault. */
export function readPrincipal(members: ReadonlyMap<string, unknown>, where: string): Principal {
  const isNot = members.has('NotPrincipal');
  const name = isNot ? 'NotPrincipal' : 'Principal';
  const place = `${where}.${name}`;
  if (isNot === members.has('Principal')) {
    throw new PolicyFault(where, 'must have one of Principal and NotPrincipal');
  }
  const json = members.get(name);
  if (json === '*') return { isNot, names: ['*'] };
  const names = [...membersOf(json, place)].flatMap(([kind, texts]) => {
    if (kind !== 'AWS') throw new PolicyFault(`${place}.${kind}`, 'is nobody here; there is AWS');
    return listOf(texts, `${place}.AWS`, policyValuesMax).map((text) => nameIn(text, place));
  });
  if (names.length === 0) throw new PolicyFault(place, 'must not be empty');
  return { isNot, names };
}

function nameIn(text: unknown, place: string): string {
  const isName =
    typeof text === 'string' && (text === '*' || account.test(text) || callerArn.test(text));
  if (!isName) throw new PolicyFault(`${place}.AWS`, 'must be ARNs, accounts or "*"');
  return accountArn.exec(text)?.[1] ?? text;
}

/** Whether a statement is about the caller of this ARN. */
export function isMeant(
  { isNot, names }: Principal,
  caller: string,
  effect: 'Allow' | 'Deny',
): boolean {
  const parts = caller.split(':');
  const role = /^assumed-role\/([^/]+)\//.exec(parts[5] ?? '')?.[1];
  const own = new Set(['*', caller, `arn:aws:iam::${parts[4]}:role/${role ?? ''}`]);
  // Who is left out by its account is left out, whatever the effect.
  if (effect === 'Deny' || isNot) own.add(parts[4] ?? '');
  return names.some((name) => own.has(name)) !== isNot;
}
