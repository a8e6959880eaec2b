/**
 * DynamoDB Local's words for what the service says in others: its answer with one such difference
 * taken out. What is left must equal ours to the letter, so a rewording excuses nothing else.
 */
import { parseDecimal } from '../../src/value/decimal.ts';
import type { Json } from './chance.ts';

/** Local's line in our words; ours is there to copy what only we tell. */
export type Mend = (theirs: string, ours: string) => string;

/** Where ours says the one and theirs one of the others, ours is put in its place. */
export function said(ours: RegExp, ...theirs: readonly (string | RegExp)[]): Mend {
  return (their, our) => {
    const words = ours.exec(our)?.[0];
    if (words === undefined) return their;
    for (const other of theirs) {
      if (typeof other === 'string' ? their.includes(other) : other.test(their)) {
        return their.replace(other, () => words);
      }
    }
    return their;
  };
}

/** Without what only they tell. */
export function without(pattern: RegExp): Mend {
  return (theirs) => theirs.replaceAll(pattern, '');
}

/** Several rewordings of one kind. */
export function each(...mends: readonly Mend[]): Mend {
  return (theirs, ours) => mends.reduce((line, mend) => mend(line, ours), theirs);
}

/** Numbers in messages as they are stored. */
export const numbersStored: Mend = (theirs) => {
  return theirs.replaceAll(/\{N:([^}]+)\}/g, (whole: string, text: string) => {
    try {
      return `{N:${parseDecimal(text)}}`;
    } catch {
      return whole;
    }
  });
};

/** Sorted where a text lists attributes without an order of its own. */
export const listed: Mend = (theirs, ours) => {
  const pattern = /(?<=does not project \[|unused in expressions: keys: \{)([^\]}]+)(?=[\]}])/;
  const sorted = (line: string): string | undefined => {
    return pattern.exec(line)?.[1]?.split(', ').toSorted().join();
  };
  const mine = pattern.exec(ours);
  if (mine === null || sorted(theirs) !== sorted(ours)) return theirs;
  return theirs.replace(pattern, mine[0]);
};

const steps = /path one: \[(.*)\], path two: \[(.*)\]$/;

/** Another pair of paths is named; ours must really overlap, or conflict. */
export const otherPaths: Mend = (theirs, ours) => {
  const pattern = /Two document paths (overlap|conflict) with each other; .*/;
  const [mine, other] = [pattern.exec(ours), pattern.exec(theirs)];
  const pair = steps.exec(ours);
  if (mine === null || other === null || pair === null) return theirs;
  const [one, two] = [pair[1]?.split(', ') ?? [], pair[2]?.split(', ') ?? []];
  const apart = one.findIndex((step, at) => step !== two[at]);
  const split = apart < 0 ? Math.min(one.length, two.length) : apart;
  const [left, right] = [one[split], two[split]];
  const overlaps = left === undefined || right === undefined;
  const conflicts = left?.startsWith('[') !== right?.startsWith('[');
  const holds = mine[1] === 'overlap' ? overlaps : !overlaps && conflicts;
  return holds ? theirs.replace(pattern, () => mine[0]) : theirs;
};

const cancelled = /^400 TransactionCanceledException: .*? (\{"CancellationReasons":.*\})$/;

/** The reasons of a cancellation, each in our words. */
export function reasons(change: (reason: Json) => Json): Mend {
  return (theirs) => {
    const text = cancelled.exec(theirs)?.[1];
    if (text === undefined) return theirs;
    const { CancellationReasons: list } = JSON.parse(text) as { CancellationReasons: Json[] };
    const changed = list.map(change);
    const codes = changed.map(({ Code }) => Code).join(', ');
    const head = theirs.slice(0, -text.length).replace(/\[[^\]]*\]/, () => `[${codes}]`);
    return head + JSON.stringify({ CancellationReasons: changed });
  };
}

/** The answers to a batch of statements, each in our words. */
export function responses(change: (theirs: Json, ours: Json) => Json): Mend {
  return (theirs, ours) => {
    const [mine, other] = [responsesOf(ours), responsesOf(theirs)];
    if (mine === undefined || other === undefined) return theirs;
    const changed = other.map((response, at) => sortedKeys(change(response, mine[at] ?? {})));
    return `200 ${JSON.stringify({ Responses: changed })}`;
  };
}

/** The message of a statement's error, if it has one. */
export function textOf(response: Json): string | undefined {
  return (response['Error'] as { readonly Message?: string } | undefined)?.Message;
}

/** Whether `nested` holds, below the steps that lead to it, the one value of `item`. */
export function isLeaf(item: unknown, nested: unknown): boolean {
  const [value, ...more] = Object.values((item ?? {}) as Json);
  if (value === undefined || more.length > 0) return false;
  for (let inner: unknown = nested; typeof inner === 'object' && inner !== null; ) {
    const inside: readonly unknown[] = Object.values(inner);
    if (inside.length !== 1) return false;
    inner = inside[0];
    if (JSON.stringify(inner) === JSON.stringify(value)) return true;
  }
  return false;
}

function responsesOf(line: string): readonly Json[] | undefined {
  const body = bodyOf(line);
  const list = body?.['Responses'];
  return Array.isArray(list) && Object.keys(body ?? {}).length === 1 ? list : undefined;
}

function sortedKeys(of: Json): Json {
  return Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A member that only ours has, copied. */
export function copied(member: string): Mend {
  return (theirs, ours) => {
    const [mine, other] = [bodyOf(ours), bodyOf(theirs)];
    if (mine?.[member] === undefined || other === undefined || member in other) return theirs;
    return `200 ${JSON.stringify(sortedKeys({ ...other, [member]: mine[member] }))}`;
  };
}

/**
 * Capacity by the service's arithmetic: nothing unasked, something for a query that finds nothing;
 * in transactions by kind, and the indexes' part not doubled.
 */
export const capacity: Mend = (theirs, ours) => {
  const [mine, other] = [bodyOf(ours), bodyOf(theirs)];
  if (mine === undefined || other?.['ConsumedCapacity'] === undefined) return theirs;
  const { ConsumedCapacity: told, ...rest } = other;
  const said = (ConsumedCapacity: unknown): string => {
    const body = ConsumedCapacity === undefined ? rest : { ...rest, ConsumedCapacity };
    return `200 ${JSON.stringify(sortedKeys(body))}`;
  };
  const our = mine['ConsumedCapacity'];
  if (our === undefined) return said(undefined);
  if (!Array.isArray(told)) {
    const nothing = other['ScannedCount'] === 0 && (told as Json)['CapacityUnits'] === 0;
    return nothing ? said(our) : said(changedAlone(told as Json, our as Json));
  }
  if ('UnprocessedItems' in other) {
    return said(
      told.map((table: Json, at) => changedAlone(table, (our as readonly Json[])[at] ?? {}, true)),
    );
  }
  const kind = JSON.stringify(our).includes('"ReadCapacityUnits"') ? 'Read' : 'Write';
  const tables = told.map((table: Json, at) => {
    const alone = 'GlobalSecondaryIndexes' in table || 'LocalSecondaryIndexes' in table;
    return alone ? changedAlone(table, (our as readonly Json[])[at] ?? {}) : table;
  });
  return said(tables.map((table) => inTransaction(table, `${kind}CapacityUnits`)));
};

/**
 * Without the indexes in which nothing was changed: Local counts those of a Put over an item. In a
 * batch another Put may have changed the same index, where Local then has more.
 */
function changedAlone(theirs: Json, ours: Json, isBatch = false): Json {
  const unitsOf = (index: unknown): number => Number((index as Json)['CapacityUnits']);
  let total = Number(theirs['CapacityUnits']);
  const left = indexParts.map((part): readonly [string, Json | undefined] => {
    const [their, our] = [theirs[part], ours[part]] as readonly (Json | undefined)[];
    if (their === undefined) return [part, undefined];
    const kept = Object.entries(their).flatMap(([name, index]) => {
      const mine = our?.[name];
      const more = unitsOf(index) - (mine === undefined ? 0 : unitsOf(mine));
      const counted = mine === undefined || (isBatch && more > 0);
      if (counted) total -= more;
      return mine === undefined ? [] : [[name, counted ? mine : index] as const];
    });
    return [part, kept.length === 0 ? undefined : Object.fromEntries(kept)];
  });
  const parts = Object.fromEntries(left.filter(([, part]) => part !== undefined));
  const { GlobalSecondaryIndexes: _g, LocalSecondaryIndexes: _l, ...rest } = theirs;
  return sortedKeys({ ...rest, ...parts, CapacityUnits: total });
}

const indexParts = ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'];

function inTransaction(table: Json, kind: string): Json {
  const units = (of: unknown, share: number): Json => {
    const CapacityUnits = Number((of as Json)['CapacityUnits']) * share;
    return { CapacityUnits, [kind]: CapacityUnits };
  };
  let total = Number(((table['Table'] ?? table) as Json)['CapacityUnits']);
  const parts = indexParts.flatMap((part): [string, Json][] => {
    const indexes = Object.entries((table[part] ?? {}) as Json).map(([name, index]) => {
      const halved = units(index, 0.5);
      total += Number(halved['CapacityUnits']);
      return [name, halved] as const;
    });
    return indexes.length === 0 ? [] : [[part, Object.fromEntries(indexes)]];
  });
  const own = table['Table'] === undefined ? {} : { Table: units(table['Table'], 1) };
  const { TableName } = table;
  return sortedKeys({
    ...units({ CapacityUnits: total }, 1),
    TableName,
    ...own,
    ...Object.fromEntries(parts),
  });
}

export function bodyOf(line: string): Json | undefined {
  if (!line.startsWith('200 {')) return undefined;
  try {
    return JSON.parse(line.slice(4)) as Json;
  } catch {
    return undefined;
  }
}

/** Whether every value of `part` stands in `whole`; lists may have lost elements, in order. */
export function isPart(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part) && Array.isArray(whole)) {
    let from = 0;
    return part.every((element) => {
      const at = whole.findIndex((other, index) => index >= from && isPart(element, other));
      from = at + 1;
      return at >= 0;
    });
  }
  // Items that were put in order are texts.
  const isText = typeof part === 'string' && part.startsWith('{') && typeof whole === 'string';
  if (isText && whole.startsWith('{')) return isPart(JSON.parse(part), JSON.parse(whole));
  if (typeof part !== 'object' || part === null || typeof whole !== 'object' || whole === null) {
    return part === whole;
  }
  return Object.entries(part).every(([name, member]) => isPart(member, (whole as Json)[name]));
}
