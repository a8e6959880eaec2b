import { describe, expect, test } from 'vitest';
import { performWrite } from '../../../src/operation/item/item-write.ts';
import {
  planExists,
  planStatement,
  returnedBy,
} from '../../../src/operation/statement/statement-write.ts';
import { type CompiledExists, compileStatement } from '../../../src/partiql/compile.ts';
import { parseStatement } from '../../../src/partiql/parser.ts';
import { MapReader } from '../../support/map-reader.ts';
import { itemOf, keys, table } from '../../support/tables.ts';
import { wireOf } from '../../support/item-world.ts';

const two = table(keys('p:S', 's:N'));
const reader = new MapReader();
const perform = (text: string, inTransaction = false) => {
  const compiled = compileStatement(parseStatement(text), []);
  if (compiled.type === 'select' || compiled.type === 'exists') throw new Error('no write');
  const result = performWrite(
    reader,
    planStatement(compiled, two, { tellsOld: false, inTransaction }),
  );
  return { result, returned: wireOf(returnedBy(compiled, result)) };
};
reader.apply(
  perform("INSERT INTO T VALUE {'p': 'a', 's': 1, 'n': 2}").result.change.draft.mutations,
);
const key = "WHERE p = 'a' AND s = 1";
const failed = 'The conditional request failed';
const whole = 'Where clause does not contain a mandatory equality on all key attributes';
const mismatch = 'The provided key element does not match the schema';

describe('a statement that writes', () => {
  test.each<[string, object | undefined]>([
    ["INSERT INTO T VALUE {'p': 'b', 's': 1}", undefined],
    [`UPDATE T SET n = n + 1 ${key} RETURNING MODIFIED NEW *`, { n: { N: '3' } }],
    [`UPDATE T SET n = n + 1 ${key}`, undefined],
    [
      `DELETE FROM T ${key} AND n = 2 RETURNING ALL OLD *`,
      { p: { S: 'a' }, s: { N: '1' }, n: { N: '2' } },
    ],
    [`DELETE FROM T ${key}`, undefined],
    ["DELETE FROM T WHERE p = 'b' AND s = 1 AND n = 2 RETURNING ALL OLD *", undefined],
  ])('%s', (text, returned) => {
    expect(perform(text).returned).toEqual(returned);
  });

  test.each<[string, string, string]>([
    [
      "INSERT INTO T VALUE {'p': 'a', 's': 1}",
      'DuplicateItemException',
      'Duplicate primary key exists in table',
    ],
    [`UPDATE T SET n = 1 ${key} AND n = 1`, 'ConditionalCheckFailedException', failed],
    ["UPDATE T SET n = 1 WHERE p = 'b' AND s = 1", 'ConditionalCheckFailedException', failed],
    [`DELETE FROM T ${key} AND n = 1`, 'ConditionalCheckFailedException', failed],
    ["DELETE FROM T WHERE p = 'a'", 'ValidationException', whole],
    ['DELETE FROM T', 'ValidationException', whole],
    ["DELETE FROM T WHERE p = 'a' AND s = 'b'", 'ValidationException', mismatch],
    [
      `DELETE FROM T ${key} AND s = 2`,
      'ValidationException',
      'Multiple conditions on same key s. Only single item Update/Insert/Delete are supported',
    ],
  ])('%s is refused', (text, name, message) => {
    expect(() => perform(text)).toThrow(expect.objectContaining({ name, message }));
  });

  test('without its whole key has, in a transaction, a key that does not fit', () => {
    expect(() => perform("DELETE FROM T WHERE p = 'a'", true)).toThrow(mismatch);
  });

  test('tells what it met before it was refused', () => {
    expect(() => perform("INSERT INTO T VALUE {'p': 'a', 's': 1}")).toThrow(
      expect.objectContaining({ sizeRead: expect.any(Number) }),
    );
  });
});

describe('EXISTS', () => {
  const planned = (where: string) => {
    const text = `EXISTS(SELECT * FROM T ${where})`;
    return planExists(compileStatement(parseStatement(text), []) as CompiledExists, two, true);
  };

  test('is a check that changes nothing', () => {
    const { change, before } = performWrite(
      reader,
      planned(`${key} AND n = 2`)?.() ?? expect.fail(),
    );
    expect([change.draft.mutations, before?.item()]).toEqual([
      [],
      itemOf({ n: { N: '2' }, p: { S: 'a' }, s: { N: '1' } }),
    ]);
  });

  test('shows the item when it does not hold', () => {
    const write = planned(`${key} AND n = 3`)?.() ?? expect.fail();
    expect(() => performWrite(reader, write)).toThrow(
      expect.objectContaining({ message: failed, members: { Item: expect.anything() } }),
    );
  });

  test.each(['', key, "WHERE p = 'a' AND n = 1", "WHERE p IN ['a'] AND s = 1 AND n = 1"])(
    'asks for a whole key and something besides: %s',
    (where) => {
      expect(planned(where)).toBeUndefined();
    },
  );
});
