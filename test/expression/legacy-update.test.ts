import { describe, expect, test } from 'vitest';
import type { AttributeUpdate } from '../../src/expression/legacy-update.ts';
import type { Update } from '../../src/expression/update.ts';
import { item, parse, type Plain, plainOf, refusalOf, value } from './fixture.ts';

const plain = { p: 'k', n: 5, s: new Set(['u', 'v']), l: [1], t: 'dog', m: { x: 1 } };
const key = item({ p: 'k' });

function updates(of: Record<string, AttributeUpdate>): Update {
  return parse('UpdateItem', { AttributeUpdates: of }).update as Update;
}

describe('AttributeUpdates', () => {
  const { t: _t, ...noT } = plain;
  const { s: _s, ...noS } = plain;
  test.each<[Record<string, AttributeUpdate>, Plain]>([
    [{ t: { Value: 1 } }, { ...plain, t: 1 }],
    [{ t: { Action: 'PUT', Value: [1] } }, { ...plain, t: [1] }],
    [{ t: { Value: null } }, { ...plain, t: null }],
    [{ n: { Action: 'ADD', Value: 2 } }, { ...plain, n: 7 }],
    [{ q: { Action: 'ADD', Value: 2 } }, { ...plain, q: 2 }],
    [{ s: { Action: 'ADD', Value: new Set(['w']) } }, { ...plain, s: new Set(['u', 'v', 'w']) }],
    [{ l: { Action: 'ADD', Value: [2, 3] } }, { ...plain, l: [1, 2, 3] }],
    [{ q: { Action: 'ADD', Value: [2] } }, { ...plain, q: [2] }],
    [{ t: { Action: 'DELETE' } }, noT],
    [{ q: { Action: 'DELETE' } }, plain],
    [{ s: { Action: 'DELETE', Value: new Set(['u']) } }, { ...plain, s: new Set(['v']) }],
    [{ s: { Action: 'DELETE', Value: new Set(['u', 'v']) } }, noS],
    [{ q: { Action: 'DELETE', Value: new Set(['u']) } }, plain],
    [{ 'm.x': { Value: 2 } }, { ...plain, 'm.x': 2 }],
    [{}, plain],
  ])('%j', (of, after) => {
    expect(plainOf(updates(of).apply(item(plain), key))).toEqual(after);
  });

  test.each<[Record<string, AttributeUpdate>, Plain | undefined]>([
    [{ t: { Action: 'DELETE' } }, undefined],
    [{ s: { Action: 'DELETE', Value: new Set(['u']) } }, undefined],
    [{ n: { Action: 'ADD', Value: 2 } }, { p: 'k', n: 2 }],
    [
      { n: { Value: 2 }, t: { Action: 'DELETE' } },
      { p: 'k', n: 2 },
    ],
    [{}, { p: 'k' }],
  ])('%j of a missing item make %j', (of, after) => {
    expect(plainOf(updates(of).apply(undefined, key))).toEqual(after);
  });

  test.each<[Record<string, AttributeUpdate>]>([
    [{ t: { Action: 'ADD', Value: 1 } }],
    [{ n: { Action: 'ADD', Value: new Set(['u']) } }],
    [{ s: { Action: 'ADD', Value: new Set([1]) } }],
    [{ n: { Action: 'ADD', Value: [1] } }],
    [{ s: { Action: 'DELETE', Value: new Set([1]) } }],
  ])('%j do not fit the stored type', (of) => {
    expect(refusalOf(() => updates(of).apply(item(plain), key))).toBe(
      'Type mismatch for attribute to update',
    );
  });

  const invalid = 'One or more parameter values were invalid: ';
  const noValue = `${invalid}Only DELETE action is allowed when no attribute value is specified`;
  test.each<[AttributeUpdate, string]>([
    [{}, noValue],
    [{ Action: 'PUT' }, noValue],
    [{ Action: 'ADD' }, noValue],
    [
      { Action: 'DELETE', Value: 1 },
      `${invalid}DELETE action with value is not supported for the type N`,
    ],
    [
      { Action: 'DELETE', Value: [] },
      `${invalid}DELETE action with value is not supported for the type L`,
    ],
    [{ Action: 'ADD', Value: 'x' }, `${invalid}ADD action is not supported for the type S`],
    [{ Action: 'ADD', Value: true }, `${invalid}ADD action is not supported for the type BOOL`],
    [{ Action: 'ADD', Value: null }, `${invalid}ADD action is not supported for the type NULL`],
    [{ Action: 'ADD', Value: {} }, `${invalid}ADD action is not supported for the type M`],
  ])('%j is refused: %s', (element, message) => {
    expect(refusalOf(() => updates({ a: element }))).toBe(message);
  });

  test('are refused where a name may not name an attribute', () => {
    const long = 'é'.repeat(32_768);
    expect(refusalOf(() => updates({ [long]: { Value: 1 } }))).toBe(
      'Attribute name exceeds the maximum of 65535 bytes',
    );
    expect(refusalOf(() => updates({ '': { Action: 'DELETE' } }))).toBe('Empty attribute name');
  });

  test('say of themselves what an expression does', () => {
    const made = updates({
      a: { Value: 1 },
      b: { Action: 'ADD', Value: 1 },
      c: { Action: 'DELETE' },
    });
    expect([...made.roots]).toEqual(['a', 'b', 'c']);
    expect(made.nestedRoots.size).toBe(0);
    expect([...made.literals]).toEqual([
      ['a', value(1)],
      ['b', value(1)],
    ]);
    expect([made.setAndAddCount, made.removeAndDeleteCount]).toEqual([2, 1]);
  });

  test('have whole attributes as fragments', () => {
    const made = updates({ m: { Value: { y: 2 } }, q: { Value: 1 }, t: { Action: 'DELETE' } });
    const before = item(plain);
    expect(plainOf(made.fragments(before, 'old'))).toEqual({ m: { x: 1 }, t: 'dog' });
    expect(plainOf(made.fragments(made.apply(before, key), 'new'))).toEqual({ m: { y: 2 }, q: 1 });
  });
});
