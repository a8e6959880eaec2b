import { describe, expect, test } from 'vitest';
import { indexOf, planSelect } from '../../../src/operation/statement/select-plan.ts';
import { compileStatement } from '../../../src/partiql/compile.ts';
import { parseStatement } from '../../../src/partiql/parser.ts';
import { index, keys, table } from '../../support/tables.ts';

const ready = index('gsi', 101, keys('c:S', 's:N'), {
  projection: { type: 'KEYS_ONLY', names: [] },
});
const two = index('two', 102, keys(['c:S', 'd:S']));
const local = index('lsi', 103, keys('p:S', 'c:S'), {
  kind: 'local',
  projection: { type: 'KEYS_ONLY', names: [] },
});
const filling = index('new', 104, keys('c:S'), { backfilling: true, status: 'CREATING' });
const leaving = index('old', 105, keys('c:S'), { status: 'DELETING' });
const ten = table(keys('p:S', 's:N'), { indexes: [ready, two, local, filling, leaving] });

function planOf(text: string, isConsistent = false) {
  const select = compileStatement(parseStatement(text), []);
  if (select.type !== 'select') throw new Error('no SELECT');
  return planSelect(select, ten, isConsistent);
}

describe('the reads of a SELECT', () => {
  test.each<[string, number, boolean, boolean]>([
    ['', 1, true, false],
    ["WHERE p = 'a'", 1, false, false],
    ["WHERE p = 'a' AND s = 1", 1, false, false],
    ["WHERE p = 'a' AND s IN [1, 2]", 2, false, false],
    ["WHERE p IN ['a', 'b'] AND n = 1", 2, false, true],
    ["WHERE n = 1 AND p > 'a'", 1, true, true],
    ["WHERE p = 'a' AND s <> 1 OR p = 'a'", 1, false, true],
  ])('%s', (where, count, isScan, hasFilter) => {
    const reads = planOf(`SELECT * FROM T ${where}`);
    expect(reads).toHaveLength(count);
    expect(reads[0]?.query === undefined).toBe(isScan);
    expect(reads[0]?.page.filter !== undefined).toBe(hasFilter);
  });

  test('are one item that is not gone on from, where the key is whole', () => {
    const restartable = (where: string) =>
      planOf(`SELECT * FROM T ${where}`)[0]?.page.isRestartable;
    expect(restartable("WHERE p = 'a' AND s = 1")).toBe(false);
    expect(restartable("WHERE p = 'a' AND s >= 1")).toBe(true);
    const [read] = planOf("SELECT * FROM T.gsi WHERE c = 'a' AND s = 1");
    expect(read?.page.isRestartable).toBe(true);
  });

  test('of a local index fetch what is named and not there', () => {
    const [all] = planOf("SELECT * FROM T.lsi WHERE p = 'a'");
    const [some] = planOf("SELECT n FROM T.lsi WHERE p = 'a'");
    expect([all?.page.reachBack.forResult, some?.page.reachBack.forResult]).toEqual([false, true]);
  });

  test('that exclude each other are empty', () => {
    const [read] = planOf("SELECT * FROM T WHERE p = 'a' AND s > 3 AND s < 2");
    expect(read?.page.range.from).toEqual(read?.page.range.to);
    expect(planOf("SELECT * FROM T WHERE p = 'a' AND p = 'b'")).toEqual([]);
  });

  test.each(['ASC', 'DESC'])('go by ORDER BY %s', (way) => {
    const isReverse = way === 'DESC';
    const reads = planOf(`SELECT * FROM T WHERE p IN ['b', 'a'] ORDER BY p ${way}, s ${way}`);
    const plain = planOf("SELECT * FROM T WHERE p IN ['b', 'a']");
    const order = reads.map(({ query }) =>
      plain.findIndex((each) => each.query?.partition.toString() === query?.partition.toString()),
    );
    expect(order).toEqual(isReverse ? [0, 1] : [1, 0]);
    expect(reads.map(({ page }) => page.isReverse)).toEqual([isReverse, isReverse]);
  });

  test.each<[string, string]>([
    ['SELECT COUNT(*) FROM T.two', 'PartiQL statements cannot be executed on tables with multi'],
    ['SELECT COUNT(*) FROM T', 'Unexpected path component at 1:8:5'],
    ['SELECT n FROM T.gsi', 'Global secondary index gsi does not project [n]'],
    ["SELECT * FROM T.gsi WHERE c = 'a' AND n = 1", 'Secondary index gsi does not project one or'],
    ["SELECT * FROM T WHERE p = ''", 'cannot contain an empty string value. Key: p'],
    ["SELECT * FROM T WHERE p = 'a' AND s = 'b'", "in table's schema: Key s"],
  ])('%s is refused', (text, message) => {
    expect(() => planOf(text)).toThrow(message);
  });
});

describe('an index of a SELECT', () => {
  test('is one that can be read', () => {
    expect(indexOf(ten, undefined, true)).toBeUndefined();
    expect(indexOf(ten, 'gsi', false)).toBe(ready);
    expect(indexOf(ten, 'lsi', true)).toBe(local);
  });

  test.each<[string, boolean, string]>([
    ['none', false, 'The table does not have the specified index'],
    ['old', false, 'The table does not have the specified index'],
    ['two', false, 'multi-attribute HASH keys'],
    ['gsi', true, 'Strongly consistent read is not supported on Global Secondary Indexes'],
    ['new', false, 'Cannot read from backfilling global secondary index: new'],
  ])('%s (consistent: %s) is refused', (name, isConsistent, message) => {
    expect(() => indexOf(ten, name, isConsistent)).toThrow(message);
  });
});
