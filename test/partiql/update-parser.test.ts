import { describe, expect, test } from 'vitest';
import { TokenReader } from '../../src/partiql/token-reader.ts';
import { parseUpdate } from '../../src/partiql/update-parser.ts';

const changesOf = (text: string) => {
  const reader = new TokenReader(text);
  const changes = parseUpdate(reader);
  reader.assertDone();
  return { ...changes, fault: reader.fault };
};

describe('the changes of an update', () => {
  test('are actions of an update expression', () => {
    const { actions } = changesOf('SET a = 1, b.c = a + ? REMOVE d[0] SET e = list_append(e, [1])');
    expect(actions).toEqual([
      {
        section: 'SET',
        path: { type: 'path', steps: ['a'] },
        operand: { type: 'value', placeholder: ':l0' },
      },
      {
        section: 'SET',
        path: { type: 'path', steps: ['b', 'c'] },
        operand: {
          type: 'sum',
          operator: '+',
          left: { type: 'path', steps: ['a'] },
          right: { type: 'value', placeholder: ':0' },
        },
      },
      { section: 'REMOVE', path: { type: 'path', steps: ['d', 0] }, operand: undefined },
      {
        section: 'SET',
        path: { type: 'path', steps: ['e'] },
        operand: {
          type: 'call',
          name: 'list_append',
          args: [
            { type: 'path', steps: ['e'] },
            { type: 'value', placeholder: ':l1' },
          ],
        },
      },
    ]);
  });

  test('add to and take from sets', () => {
    const { actions, setCalls } = changesOf('SET a = SET_ADD(a, ?), b = set_delete(b, <<1>>)');
    expect(actions.map(({ section }) => section)).toEqual(['ADD', 'DELETE']);
    expect(setCalls.map(({ placeholder }) => placeholder)).toEqual([':0', ':l0']);
  });

  test.each<[string, string]>([
    [
      'SET a = set_add(b, <<1>>)',
      'The first argument to SET_ADD must equal the assignment value at 1:9:7',
    ],
    [
      'SET a = set_delete(a, b)',
      'The second argument to SET_DELETE must be a value with type SET at 1:20:1',
    ],
    ['SET a = if_not_exists(a, 1)', 'Invalid function name; function: if_not_exists'],
  ])('%s has a fault', (text, fault) => {
    expect(changesOf(text).fault).toBe(fault);
  });

  test.each([
    '',
    'SET',
    'SET a',
    'SET a =',
    'SET a = 1 +',
    'SET a = 1 + 2 + 3',
    'SET a = set_add(a)',
    'REMOVE a, b',
    'REMOVE 1',
  ])('%j is not well formed', (text) => {
    expect(() => changesOf(text)).toThrow("Statement wasn't well formed");
  });
});
