/**
 * An answer as a line of text that two correct services share.
 *
 * Left out: request ids, pagination tokens, consumed capacity. Put in order: members of maps,
 * elements of sets, and items where their order says nothing. Numbers of the other side are put in
 * DynamoDB's form: DynamoDB Local answers those inside documents as they were sent.
 */
import { parseDecimal } from '../../src/value/decimal.ts';
import type { Json } from './chance.ts';

const unsaid = ['NextToken', 'LastEvaluatedKey'];

/** `200 {…}`, or `400 Error: message {…}`. */
export function lineOf(status: number, body: Json, unordered: boolean): string {
  if (status !== 200) {
    const { __type, message, Message, ...more } = body as Record<string, unknown>;
    const name = String(__type ?? '').split('#')[1] ?? '';
    const rest = Object.keys(more).length > 0 ? ` ${textOf(more)}` : '';
    return `${status} ${name}: ${String(message ?? Message ?? '')}${rest}`;
  }
  if (body['Table'] !== undefined) return `200 ${textOf(described(body['Table'] as Json))}`;
  // What a change of a table answers is how far it is by then; the table itself is asked after it.
  if (body['TableDescription'] !== undefined) return '200 changed';
  const metered = byTable(body);
  const lists = unordered ? sortedLists(metered) : metered;
  return `200 ${textOf(lists)}`;
}

/** The same body with every number in DynamoDB's form. */
export function canonical(body: Json): Json {
  return JSON.parse(
    JSON.stringify(body, (name, value: unknown) => {
      if (name === 'N' && typeof value === 'string') return decimal(value);
      const isSet = name === 'NS' && Array.isArray(value);
      return isSet ? value.map((element) => decimal(String(element))) : value;
    }),
  ) as Json;
}

/** What several tables consumed is told in no order. */
function byTable(body: Json): Json {
  const consumed = body['ConsumedCapacity'];
  if (!Array.isArray(consumed)) return body;
  const name = (table: Json): string => String(table['TableName']);
  const sorted = consumed.toSorted((a: Json, b: Json) => (name(a) < name(b) ? -1 : 1));
  return { ...body, ConsumedCapacity: sorted };
}

/** Of a table's description what it was asked to be, and how many items it holds. */
function described(table: Json): Json {
  const indexes = (member: string): unknown => {
    const list = (table[member] ?? []) as readonly Json[];
    return list.map((index) => textOf(only(index, indexMembers))).sort();
  };
  const definitions = (table['AttributeDefinitions'] ?? []) as readonly Json[];
  return {
    ...only(table, ['TableName', 'TableStatus', 'KeySchema', 'ItemCount']),
    AttributeDefinitions: definitions.map((definition) => textOf(definition)).sort(),
    LocalSecondaryIndexes: indexes('LocalSecondaryIndexes'),
    GlobalSecondaryIndexes: indexes('GlobalSecondaryIndexes'),
  };
}

const indexMembers = ['IndexName', 'KeySchema', 'Projection', 'IndexStatus'];

function only(of: Json, members: readonly string[]): Json {
  return Object.fromEntries(members.map((member) => [member, of[member]]));
}

function decimal(text: string): string {
  try {
    return parseDecimal(text);
  } catch {
    return text;
  }
}

/** What a page says that another page follows it. */
export function nextOf(body: Json): Json | undefined {
  if (body['NextToken'] !== undefined) return { NextToken: body['NextToken'] };
  if (body['LastEvaluatedKey'] !== undefined)
    return { ExclusiveStartKey: body['LastEvaluatedKey'] };
  return undefined;
}

/** Several pages as one. */
export function joinPages(pages: readonly Json[]): Json {
  const sum = (member: string): number => {
    return pages.reduce((total, page) => total + Number(page[member] ?? 0), 0);
  };
  const items = pages.flatMap((page) => (page['Items'] as readonly unknown[] | undefined) ?? []);
  const counts = { Count: sum('Count'), ScannedCount: sum('ScannedCount') };
  return pages[0]?.['Items'] === undefined ? counts : { ...counts, Items: items };
}

function sortedLists(body: Json): Json {
  const sorted = (list: unknown): unknown => {
    if (!Array.isArray(list)) return list;
    return list.map((element: unknown) => textOf(element)).sort();
  };
  const responses = body['Responses'];
  if (responses !== undefined && !Array.isArray(responses)) {
    const entries = Object.entries(responses as Json).map(([name, list]) => [name, sorted(list)]);
    return { ...body, Responses: Object.fromEntries(entries) };
  }
  return { ...body, ...(body['Items'] !== undefined && { Items: sorted(body['Items']) }) };
}

const sets = ['SS', 'NS', 'BS'];

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner)
      .filter(([name]) => !unsaid.includes(name))
      .map(([name, member]) => {
        const isSet = sets.includes(name) && Array.isArray(member);
        return [name, isSet ? [...member].sort() : member] as const;
      });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
