import { describe, expect, test } from 'vitest';
import type { RequestContext } from '../../../src/operation/operation.ts';
import {
  compileInput,
  digestOfStatements,
  keyNames,
  readParameters,
} from '../../../src/operation/statement/statement-input.ts';
import { wireReader } from '../../../src/value/wire.ts';
import { keys } from '../../support/tables.ts';

const context = { values: wireReader } as RequestContext;
const read = (...raw: readonly object[]) =>
  readParameters({ Statement: '', Parameters: raw }, context);

describe('a statement of a request', () => {
  test('has parameters or none', () => {
    expect(readParameters({ Statement: '' }, context)).toEqual([]);
    expect(read({ N: '1.0' })).toEqual([{ type: 'N', value: '1' }]);
    expect(() => read({ N: 'x' })).toThrow('cannot be converted to a numeric value: x');
  });

  test('is compiled with them', () => {
    const input = { Statement: 'DELETE FROM T WHERE p = ?' };
    expect(compileInput(input, read({ S: 'a' })).type).toBe('delete');
    expect(() => compileInput(input, [])).toThrow('Number of parameters');
  });

  test('has a digest of what it asks', () => {
    const one = { Statement: 'a' };
    const digest = (...statements: Parameters<typeof digestOfStatements>[0]): string =>
      digestOfStatements(statements).toString();
    const base = digest([one, read({ N: '1' })]);
    expect(digest([one, read({ N: '1.0' })])).toBe(base);
    expect(digest([one, read({ N: '2' })])).not.toBe(base);
    expect(digest([one, read({ S: '1' })])).not.toBe(base);
    expect(digest([{ Statement: 'b' }, read({ N: '1' })])).not.toBe(base);
    expect(digest([one, []], [one, read({ N: '1' })])).not.toBe(base);
  });
});

test('a key has one name or two', () => {
  expect(keyNames(keys('p:S'))).toEqual(['p', undefined]);
  expect(keyNames(keys('p:S', 's:N'))).toEqual(['p', 's']);
});
