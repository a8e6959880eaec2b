import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/cli/arguments.ts';
import { readServeSettings } from '../../src/cli/serve.ts';

describe('what serve is asked for', () => {
  test('has defaults', () => {
    expect(readServeSettings([])).toEqual({ port: 8000, host: '127.0.0.1', data: undefined });
  });

  test('is what was typed', () => {
    expect(readServeSettings(['--port', '0', '--host=::1', '--data', 'd'])).toEqual({
      port: 0,
      host: '::1',
      data: 'd',
    });
    expect(readServeSettings(['--memory', '--help'])).toBeUndefined();
  });

  test('cannot be both kinds of store', () => {
    expect(() => readServeSettings(['--memory', '--data', 'd'])).toThrow(
      new UsageError('--memory and --data exclude each other'),
    );
  });
});
