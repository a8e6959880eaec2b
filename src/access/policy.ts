/**
 * Policies as IAM writes them, read and refused: Version, Statement, Effect, Action or NotAction,
 * Resource or NotResource, Condition.
 *
 * Those of a caller have no Principal, those of a resource have one. Everything is checked when a
 * policy is read: a policy that says something else than its author meant is found at start, by the
 * name of the statement and of the member, and not by whom it lets in.
 */
import { policyStatementsMax, policyValuesMax } from '../base/access-limits.ts';
import { readConditions } from './condition.ts';
import type { Condition } from './condition.ts';
import { listOf, membersOf, PolicyFault, templateOf } from './policy-members.ts';
import { type Principal, readPrincipal } from './principal.ts';
import type { Template } from './template.ts';

export interface Statement {
  /** Its place, and its Sid. */
  readonly where: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly Template[];
  /** They came as NotAction: all but these. */
  readonly isNotAction: boolean;
  readonly resources: readonly Template[];
  readonly isNotResource: boolean;
  /** Of a policy of a resource. */
  readonly principal?: Principal;
  /** All of them hold. */
  readonly conditions: readonly Condition[];
}

export interface Policy {
  readonly statements: readonly Statement[];
}

const versions: ReadonlySet<unknown> = new Set(['2012-10-17', '2008-10-17']);
const ofPolicy: readonly string[] = ['Version', 'Id', 'Statement'];
const ofStatement: readonly string[] = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
const ofResource: readonly string[] = ['Principal', 'NotPrincipal'];

/** Reads a parsed JSON document; `where` names it in messages. Throws PolicyFault. */
export function readPolicy(json: unknown, where: string): Policy {
  return read(json, where, false);
}

/** The same of a resource's. */
export function readResourcePolicy(json: unknown, where: string): Policy {
  return read(json, where, true);
}

function read(json: unknown, where: string, isOfResource: boolean): Policy {
  const members = membersOf(json, where);
  checkMembers(members, ofPolicy, where);
  const version = members.get('Version');
  if (!versions.has(version)) {
    throw new PolicyFault(`${where}.Version`, 'must be "2012-10-17"');
  }
  const given = members.get('Statement');
  const list = Array.isArray(given) ? given : [given];
  if (given === undefined || list.length === 0) {
    throw new PolicyFault(`${where}.Statement`, 'must have at least one statement');
  }
  if (list.length > policyStatementsMax) {
    throw new PolicyFault(
      `${where}.Statement`,
      `has ${list.length} statements, more than ${policyStatementsMax} (policyStatementsMax)`,
    );
  }
  return {
    statements: list.map((one, at) =>
      readStatement(one, `${where}.Statement[${at}]`, isOfResource),
    ),
  };
}

function readStatement(json: unknown, plain: string, isOfResource: boolean): Statement {
  const members = membersOf(json, plain);
  const sid = members.get('Sid');
  const where = typeof sid === 'string' ? `${plain} (${sid.slice(0, 64)})` : plain;
  if (!isOfResource && (members.has('Principal') || members.has('NotPrincipal'))) {
    throw new PolicyFault(
      `${where}.Principal`,
      'is of resource policies; these policies belong to a caller',
    );
  }
  checkMembers(members, isOfResource ? [...ofStatement, ...ofResource] : ofStatement, where);
  if (sid !== undefined && typeof sid !== 'string') {
    throw new PolicyFault(`${where}.Sid`, 'must be a text');
  }
  const effect = members.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new PolicyFault(`${where}.Effect`, 'must be "Allow" or "Deny"');
  }
  const action = oneOf(members, 'Action', 'NotAction', where);
  const resource = oneOf(members, 'Resource', 'NotResource', where);
  return {
    where,
    effect,
    actions: templatesIn(members, action, where, checkAction),
    isNotAction: action === 'NotAction',
    resources: templatesIn(members, resource, where, checkResource),
    isNotResource: resource === 'NotResource',
    ...(isOfResource && { principal: readPrincipal(members, where) }),
    conditions: readConditions(members.get('Condition'), `${where}.Condition`),
  };
}

function checkMembers(
  members: ReadonlyMap<string, unknown>,
  known: readonly string[],
  where: string,
): void {
  for (const name of members.keys()) {
    if (known.includes(name)) continue;
    throw new PolicyFault(`${where}.${name}`, `is not known; there are ${known.join(', ')}`);
  }
}

function oneOf(
  members: ReadonlyMap<string, unknown>,
  plain: string,
  negated: string,
  where: string,
): string {
  if (members.has(plain) === members.has(negated)) {
    throw new PolicyFault(where, `must have one of ${plain} and ${negated}`);
  }
  return members.has(plain) ? plain : negated;
}

function templatesIn(
  members: ReadonlyMap<string, unknown>,
  name: string,
  statement: string,
  check: (text: string) => string | undefined,
): readonly Template[] {
  const where = `${statement}.${name}`;
  const texts = listOf(members.get(name), where, policyValuesMax);
  return texts.map((text) => {
    if (typeof text !== 'string') throw new PolicyFault(where, 'must be texts');
    const fault = check(text);
    if (fault !== undefined) throw new PolicyFault(where, `${JSON.stringify(text)} ${fault}`);
    return templateOf(text, where, true);
  });
}

function checkAction(text: string): string | undefined {
  if (text === '*' || /^dynamodb:[a-z0-9*?]+$/i.test(text)) return undefined;
  return 'is no action of DynamoDB: dynamodb:NAME, with * and ? as wildcards';
}

function checkResource(text: string): string | undefined {
  if (text === '*') return undefined;
  const parts = text.split(':');
  const isDynamo = /^arn:(aws|\*)/.test(text) && parts.length >= 6 && parts[2] === 'dynamodb';
  return isDynamo
    ? undefined
    : 'is no ARN of DynamoDB: arn:aws:dynamodb:REGION:ACCOUNT:table/NAME, with * and ? as wildcards';
}
