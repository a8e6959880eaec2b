/**
 * Requests made to be costly: twice as much of anything is about twice the work (F27 of the list of
 * failures), never four times. Work is counted, not timed: the runs of every block of our sources,
 * as the engine's own coverage counts them.
 */
import { Session } from 'node:inspector';
import { expect, test } from 'vitest';
import { ItemWorld } from '../support/item-world.ts';

type Request = readonly [operation: string, input: object];
/** A request of size `n`. The tag makes its texts new, for parsed texts are remembered. */
type Family = readonly [name: string, n: number, make: (n: number, tag: string) => Request];

const S = (text: string): object => ({ S: text });
const N = (n: number): object => ({ N: String(n) });
const many = (n: number, part: (at: number) => string, joint: string): string =>
  Array.from({ length: n }, (_, at) => part(at)).join(joint);
const list = <T>(n: number, part: (at: number) => T): T[] =>
  Array.from({ length: n }, (_, at) => part(at));
const named = (n: number, part: (at: number) => readonly [string, unknown]): object =>
  Object.fromEntries(list(n, part));
const wrap = (n: number, open: string, core: string, shut: string): string =>
  open.repeat(n) + core + shut.repeat(n);

const values = (tag: string): object => ({ ExpressionAttributeValues: { [`:${tag}`]: S('a') } });
const Key = { p: S('a'), s: N(1) };
const scan = (tag: string, FilterExpression: string): Request => [
  'Scan',
  { TableName: 'Tab', FilterExpression, ...values(tag) },
];
const update = (tag: string, UpdateExpression: string): Request => [
  'UpdateItem',
  { TableName: 'Tab', Key, UpdateExpression, ...values(tag) },
];
const remove = (UpdateExpression: string): Request => [
  'UpdateItem',
  { TableName: 'Tab', Key, UpdateExpression },
];
const put = (v: object): Request => ['PutItem', { TableName: 'Tab', Item: { ...Key, v } }];
const statement = (Statement: string): Request => ['ExecuteStatement', { Statement }];
const where = (text: string): Request => statement(`SELECT * FROM Tab WHERE ${text}`);

const expressions: readonly Family[] = [
  [
    'AND',
    140,
    (n, t) =>
      scan(
        t,
        many(n, () => `q=:${t}`, ' AND '),
      ),
  ],
  [
    'OR',
    140,
    (n, t) =>
      scan(
        t,
        many(n, (at) => `q${at}=:${t}`, ' OR '),
      ),
  ],
  ['NOT', 140, (n, t) => scan(t, `${'NOT '.repeat(n)}q=:${t}`)],
  ['conditions in parentheses', 60, (n, t) => scan(t, wrap(n, `(q=:${t} AND `, `q=:${t}`, ')'))],
  ['parentheses too many', 1000, (n, t) => scan(t, wrap(n, '(', `q=:${t}`, ')'))],
  ['parentheses left open', 1900, (n, t) => scan(t, `${'('.repeat(n)}${t}`)],
  ['calls', 400, (n, t) => scan(t, `${'size('.repeat(n)}${t}`)],
  ['a path of names', 1000, (n, t) => scan(t, `${many(n, () => 'a', '.')}=:${t}`)],
  ['a path of indexes', 600, (n, t) => scan(t, `a${'[0]'.repeat(n)}=:${t}`)],
  ['IN', 250, (n, t) => scan(t, `q IN (${many(n, () => `:${t}`, ',')})`)],
  [
    'BETWEEN',
    50,
    (n, t) =>
      scan(
        t,
        many(n, () => `q BETWEEN :${t} AND :${t}`, ' OR '),
      ),
  ],
  ['blanks', 1900, (n, t) => scan(t, `q=${' '.repeat(n)}:${t}`)],
  ['a name', 1900, (n, t) => scan(t, `${'a'.repeat(n)}=:${t}`)],
  ['what is no token', 1900, (n, t) => scan(t, `${'!'.repeat(n)}${t}`)],
  ['sigils', 1900, (n, t) => scan(t, `${'#'.repeat(n)}${t}`)],
  ['digits', 1900, (n, t) => scan(t, `a[${'1'.repeat(n)}]=:${t}`)],
  ['SET', 140, (n, t) => update(t, `SET ${many(n, (at) => `q${at}=:${t}`, ',')}`)],
  ['SET in a map', 140, (n, t) => update(t, `SET ${many(n, (at) => `m.q${at}=:${t}`, ',')}`)],
  ['SET in a list', 140, (n, t) => update(t, `SET ${many(n, (at) => `l[${at}]=:${t}`, ',')}`)],
  ['REMOVE', 200, (n, t) => remove(`REMOVE ${many(n, (at) => `${t}${at}`, ',')}`)],
  ['overlaps', 200, (n, t) => remove(`REMOVE ${many(n, (at) => `${t}${at}`, ',')},${t}0.a`)],
  ['sections', 150, (n, t) => update(t, `SET a=:${t} `.repeat(n))],
  [
    'defaults of defaults',
    60,
    (n, t) => update(t, `SET q=${wrap(n, 'if_not_exists(z,', `:${t}`, ')')}`),
  ],
  [
    'a projection',
    200,
    (n, t) => [
      'GetItem',
      { TableName: 'Tab', Key, ProjectionExpression: many(n, (at) => `${t}${at}`, ',') },
    ],
  ],
];

const inputs: readonly Family[] = [
  ['a set of strings', 2000, (n) => put({ SS: list(n, (at) => `x${at}`) })],
  ['a set of numbers', 2000, (n) => put({ NS: list(n, String) })],
  ['a set of binaries', 2000, (n) => put({ BS: list(n, (at) => btoa(`x${at}`)) })],
  ['a list', 2000, (n) => put({ L: list(n, () => S('')) })],
  ['a map', 2000, (n) => put({ M: named(n, (at) => [`q${at}`, S('')]) })],
  ['zeros', 20_000, (n) => put({ N: `${'0'.repeat(n)}1` })],
  ['depth', 2000, (n) => put(JSON.parse(wrap(n, '{"L":[', '{"S":""}', ']}')) as object)],
  [
    'names',
    2000,
    (n, t) => [
      'Scan',
      {
        TableName: 'Tab',
        FilterExpression: `q=:${t}`,
        ...values(t),
        ExpressionAttributeNames: named(n, (at) => [`#${at}`, 'a']),
      },
    ],
  ],
  [
    'attributes to get',
    2000,
    (n) => ['GetItem', { TableName: 'Tab', Key, AttributesToGet: list(n, (at) => `q${at}`) }],
  ],
  [
    'a legacy filter',
    1000,
    (n) => [
      'Scan',
      {
        TableName: 'Tab',
        ScanFilter: named(n, (at) => [`q${at}`, { ComparisonOperator: 'NULL' }]),
      },
    ],
  ],
  [
    'violations',
    1000,
    (n) => [
      'CreateTable',
      { TableName: 'New', KeySchema: list(n, () => ({ AttributeName: 'a', KeyType: 'x' })) },
    ],
  ],
  [
    'keys of a batch',
    50,
    (n) => [
      'BatchGetItem',
      { RequestItems: { Tab: { Keys: list(n, (at) => ({ p: S('a'), s: N(at) })) } } },
    ],
  ],
  [
    'actions',
    50,
    (n) => [
      'TransactWriteItems',
      {
        TransactItems: list(n, (at) => ({
          ConditionCheck: {
            TableName: 'Tab',
            Key: { p: S('t'), s: N(at) },
            ConditionExpression: 'attribute_not_exists(p)',
          },
        })),
      },
    ],
  ],
];

const statements: readonly Family[] = [
  ['AND', 200, (n, t) => where(many(n, () => `${t}=1`, ' AND '))],
  ['OR', 200, (n, t) => where(many(n, (at) => `${t}=${at}`, ' OR '))],
  ['NOT', 400, (n, t) => where(`${'NOT '.repeat(n)}${t}=1`)],
  ['AND of OR', 100, (n, t) => where(many(n, (at) => `(p='${t}' OR s=${at})`, ' AND '))],
  [
    'AND of OR of keys',
    40,
    (n, t) => where(many(n, (at) => `(p='${at}' AND s=1 OR p='${t}' AND s=${at})`, ' AND ')),
  ],
  ['IN', 24, (n, t) => where(`p IN [${many(n, (at) => `'${t}${at}'`, ',')}]`)],
  ['brackets left open', 2000, (n, t) => where(`${t}=${'['.repeat(n)}`)],
  ['a list', 1000, (n, t) => where(`${t}=[${many(n, () => '1', ',')}]`)],
  ['a bag', 600, (n, t) => where(`${t}=<<${many(n, String, ',')}>>`)],
  ['a map', 400, (n, t) => where(`${t}={${many(n, (at) => `'a${at}':1`, ',')}}`)],
  ['a string of quotes', 1900, (n, t) => where(`${t}='${"''".repeat(n)}'`)],
  ['comments', 1500, (n, t) => statement(`${'/*'.repeat(n)}${t}`)],
  ['columns', 400, (n, t) => statement(`SELECT ${many(n, (at) => `${t}${at}`, ',')} FROM Tab`)],
  [
    'SET',
    250,
    (n, t) =>
      statement(`UPDATE Tab ${many(n, (at) => `SET ${t}${at}=1`, ' ')} WHERE p='a' AND s=1`),
  ],
];

const session = new Session();
session.connect();

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/** The session answers before `post` returns. */
function ask(method: string, params: object = {}): unknown {
  let told: unknown;
  session.post(method, params, (error, answer) => {
    if (error !== null) throw error;
    told = answer;
  });
  return told;
}
ask('Profiler.enable');
ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

let tags = 0;

/** How often blocks of our sources ran for a request of size `n`, refused or not. */
function work([, , make]: Family, n: number): number {
  const world = new ItemWorld();
  world.table('Tab', ['p:S', 's:N']);
  for (let s = 0; s < 3; s += 1) {
    const Item = { p: S('a'), s: N(s), l: { L: [N(1)] }, m: { M: { a: S('b') } } };
    world.run('PutItem', { TableName: 'Tab', Item });
  }
  tags += 1;
  const [operation, input] = make(n, `t${String(tags).padStart(4, '0')}`);
  ask('Profiler.takePreciseCoverage');
  try {
    world.run(operation, input);
  } catch (error) {
    expect((error as Error).name).toBe('ValidationException');
  }
  const { result } = ask('Profiler.takePreciseCoverage') as Coverage;
  let sum = 0;
  for (const { url, functions } of result) {
    if (!url.includes('/src/')) continue;
    for (const { ranges } of functions) for (const { count } of ranges) sum += count;
  }
  return sum;
}

const cases = [
  ...expressions.map((family) => ['an expression', ...family] as const),
  ...inputs.map((family) => ['an input', ...family] as const),
  ...statements.map((family) => ['a statement', ...family] as const),
];
test.each(cases)('twice as much of %s, %s, is twice the work', (_of, ...family) => {
  const [, n] = family;
  // What is compiled and remembered on the way is so the first time.
  work(family, 4);
  const once = work(family, n);
  const twice = work(family, 2 * n);
  expect(once).toBeGreaterThan(50);
  expect(twice / once).toBeLessThan(3);
});

test('work that grows as the square would be seen', () => {
  const quadratic: Family = [
    '',
    0,
    (n) => [
      'BatchGetItem',
      { RequestItems: { Tab: { Keys: list(n * n, (at) => ({ p: S('a'), s: N(at) })) } } },
    ],
  ];
  expect(work(quadratic, 9) / work(quadratic, 4)).toBeGreaterThan(3);
});
