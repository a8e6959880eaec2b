import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessWorld, openAccessWorld } from '../../support/access.ts';

let world: AccessWorld;
beforeAll(async () => {
  world = await openAccessWorld();
});
afterAll(() => world.engine.close());

const keys = ['owner', 'id'];
const one = `owner = 'ada' AND id = '1'`;
const ada = { leadingkeys: ['ada'] };

describe('a statement', () => {
  const rows: readonly (readonly [string, string, string, readonly object[]])[] = [
    [
      `SELECT * FROM Notes WHERE ${one}`,
      'PartiQLSelect',
      'Notes',
      [{ ...ada, attributes: 'any', fulltablescan: ['false'], select: ['ALL_ATTRIBUTES'] }],
    ],
    [
      `SELECT title, m.x FROM Notes WHERE owner = 'ada' AND pay > 1 ORDER BY id`,
      'PartiQLSelect',
      'Notes',
      [{ ...ada, attributes: ['owner', 'pay', 'title', 'm', 'id'] }],
    ],
    [
      `SELECT title FROM Notes WHERE owner IN ['ada', 'eve']`,
      'PartiQLSelect',
      'Notes',
      [ada, { leadingkeys: ['eve'], fulltablescan: ['false'] }],
    ],
    [
      `SELECT title FROM Notes WHERE title = 'x'`,
      'PartiQLSelect',
      'Notes',
      [{ leadingkeys: 'any', fulltablescan: ['true'] }],
    ],
    [
      `SELECT title FROM Notes`,
      'PartiQLSelect',
      'Notes',
      [{ leadingkeys: 'any', fulltablescan: ['true'] }],
    ],
    [
      `SELECT title FROM Notes WHERE owner = 'ada' OR title = 'x'`,
      'PartiQLSelect',
      'Notes',
      [{ leadingkeys: 'any', fulltablescan: ['true'] }],
    ],
    [
      `SELECT * FROM Notes."by-year" WHERE year = 2026`,
      'PartiQLSelect',
      'Notes/index/by-year',
      [{ leadingkeys: ['2026'], attributes: expect.arrayContaining([...keys, 'year', 'title']) }],
    ],
    [
      `INSERT INTO Notes VALUE {'owner': 'ada', 'id': '1', 'x': 1}`,
      'PartiQLInsert',
      'Notes',
      [{ ...ada, attributes: [...keys, 'x'], returnvalues: ['NONE'] }],
    ],
    [
      `UPDATE Notes SET a = b REMOVE c WHERE ${one} AND d = 1`,
      'PartiQLUpdate',
      'Notes',
      [{ ...ada, attributes: [...keys, 'd', 'a', 'b', 'c'] }],
    ],
    [
      `DELETE FROM Notes WHERE ${one} RETURNING ALL OLD *`,
      'PartiQLDelete',
      'Notes',
      [{ ...ada, attributes: 'any', returnvalues: ['ALL_OLD'] }],
    ],
    [`DELETE FROM Notes WHERE id = '1'`, 'PartiQLDelete', 'Notes', [{ leadingkeys: 'any' }]],
  ];
  test.each(rows)('%s', async (Statement, action, resource, facts) => {
    const asked = await world.asked('ExecuteStatement', { Statement });
    expect(asked).toMatchObject(facts.map((each) => ({ action, resource, facts: each })));
  });

  test('has its parameters in place', async () => {
    const Statement = 'SELECT title FROM Notes WHERE owner = ?';
    const asked = await world.asked('ExecuteStatement', { Statement, Parameters: [{ S: 'ada' }] });
    expect(asked).toMatchObject([{ facts: ada }]);
  });
});

describe('several statements ask for each', () => {
  test('in a batch, but for those that are wrong and do nothing', async () => {
    const asked = await world.asked('BatchExecuteStatement', {
      Statements: [
        { Statement: `SELECT * FROM Notes WHERE ${one}` },
        { Statement: 'SELECT FROM WHERE' },
        { Statement: `SELECT * FROM Notes WHERE owner = 'eve' AND id = '1'` },
      ],
    });
    expect(asked).toMatchObject([{ facts: ada }, { facts: { leadingkeys: ['eve'] } }]);
  });

  test('in a transaction, with EXISTS', async () => {
    const asked = await world.asked('ExecuteTransaction', {
      TransactStatements: [
        { Statement: `EXISTS(SELECT * FROM Notes WHERE ${one} AND a = 1)` },
        { Statement: `DELETE FROM Notes WHERE owner = 'eve' AND id = '1'` },
      ],
    });
    const enclosingoperation = ['ExecuteTransaction'];
    expect(asked).toMatchObject([
      { action: 'PartiQLSelect', facts: { ...ada, enclosingoperation } },
      { action: 'PartiQLDelete', facts: { leadingkeys: ['eve'], enclosingoperation } },
    ]);
  });
});
