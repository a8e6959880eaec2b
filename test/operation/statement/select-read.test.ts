import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../../src/expression/condition.ts';
import { readSelect } from '../../../src/operation/statement/select-read.ts';
import { compileStatement } from '../../../src/partiql/compile.ts';
import { parseStatement } from '../../../src/partiql/parser.ts';
import { wireReader } from '../../../src/value/wire.ts';
import { ItemWorld } from '../../support/item-world.ts';

const world = new ItemWorld();
world.table('Ten', ['p:S', 's:N'], { global: { gsi: { keys: ['c:S', 's:N'] } } });
const items: object[] = [];
for (const p of ['a', 'b', 'c']) {
  for (let s = 0; s < 5; s += 1) {
    const c = s % 2 === 0 ? {} : { c: { S: p === 'c' ? 'r' : 'q' } };
    const item = { p: { S: p }, s: { N: String(s) }, n: { N: String(s % 3) }, ...c };
    items.push(item);
    world.call('PutItem', { TableName: 'Ten', Item: item });
  }
}

interface Row {
  readonly p: { readonly S: string };
  readonly s: { readonly N: string };
}
const namesOf = (found: unknown): readonly string[] =>
  (found as readonly Row[]).map(({ p, s }) => p.S + s.N);

function pagesOf(Statement: string, Limit: number): readonly string[] {
  const found: string[] = [];
  let NextToken: unknown;
  for (let page = 0; page < 100; page += 1) {
    const answer = world.call('ExecuteStatement', { Statement, Limit, NextToken });
    found.push(...namesOf(answer['Items']));
    NextToken = answer['NextToken'];
    if (NextToken === undefined) return found;
  }
  throw new Error('pages without end');
}

const atom = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd').map((p) => `p = '${p}'`),
  fc.constantFrom("p IN ['a', 'b']", "p IN ['c', 'a', 'd']", "p > 'a'"),
  fc
    .tuple(fc.constantFrom('=', '<', '<=', '>', '>=', '<>'), fc.integer({ min: -1, max: 5 }))
    .map(([operator, s]) => `s ${operator} ${s}`),
  fc.constantFrom('s BETWEEN 1 AND 3', 's IN [0, 4]', 'NOT s = 2', 'c IS MISSING', "c = 'q'"),
  fc.integer({ min: 0, max: 2 }).map((n) => `n = ${n}`),
);
const { where } = fc.letrec<{ where: string }>((tie) => ({
  where: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc
      .tuple(tie('where'), fc.constantFrom('AND', 'AND', 'OR'), tie('where'))
      .map(([one, word, two]) => `(${one}) ${word} (${two})`),
  ),
}));

describe('a SELECT finds what its condition says', () => {
  // Told naively: every item, tested.
  const expected = (condition: string): readonly string[] => {
    const select = compileStatement(parseStatement(`SELECT * FROM T WHERE ${condition}`), []);
    const bound = select.type === 'select' ? select.where : undefined;
    if (bound === undefined) throw new Error('no condition');
    const { holds } = compileCondition(bound);
    return namesOf(items.filter((item) => holds(wireReader.item(item)))).toSorted();
  };
  const refusable = /^(Overlapping conditions|Too many decomposed)/;

  test('however it is read, in whatever pages', () => {
    fc.assert(
      fc.property(where, fc.integer({ min: 1, max: 6 }), (condition, limit) => {
        const Statement = `SELECT p, s FROM Ten WHERE ${condition}`;
        let found: readonly string[];
        try {
          found = namesOf(world.call('ExecuteStatement', { Statement })['Items']);
        } catch (error) {
          expect((error as Error).message).toMatch(refusable);
          return;
        }
        expect(found.toSorted()).toEqual(expected(condition));
        expect(pagesOf(Statement, limit)).toEqual(found);
      }),
      { numRuns: 400 },
    );
  });
});

test('pages of an index go on within its order', () => {
  const Statement = "SELECT p, s FROM Ten.gsi WHERE c IN ['r', 'q'] ORDER BY c, s DESC";
  const whole = pagesOf(Statement, 100);
  expect(whole).toHaveLength(6);
  expect(whole.slice(4)).toEqual(['c3', 'c1']);
  for (const limit of [1, 2, 3, 4]) expect(pagesOf(Statement, limit)).toEqual(whole);
});

test('a place that is not among the reads is no place to go on', () => {
  const options = { limit: undefined, isConsistent: false };
  const resume = { read: 1, after: undefined };
  expect(() => readSelect(world.reader, [], { ...options, resume })).toThrow('Invalid NextToken');
});
