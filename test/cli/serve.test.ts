import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/cli/arguments.ts';
import { readServeSettings } from '../../src/cli/serve.ts';

describe('what serve is asked for', () => {
  test('has defaults', () => {
    expect(readServeSettings([])).toEqual({
      port: 8000,
      host: '127.0.0.1',
      data: undefined,
      strictSignatures: false,
      enforceCapacity: false,
      auth: undefined,
      region: 'local',
    });
  });

  test('is what was typed', () => {
    const typed = [
      '--port',
      '0',
      '--host=::1',
      '--data',
      'd',
      '--strict-signatures',
      '--enforce-capacity',
    ];
    const more = ['--listen', '::1', '--auth', 'f', '--region', 'eu-west-1'];
    expect(readServeSettings(more)).toMatchObject({
      host: '::1',
      auth: 'f',
      region: 'eu-west-1',
    });
    expect(readServeSettings(typed)).toEqual({
      port: 0,
      host: '::1',
      data: 'd',
      strictSignatures: true,
      enforceCapacity: true,
      auth: undefined,
      region: 'local',
    });
    expect(readServeSettings(['--memory', '--help'])).toBeUndefined();
  });

  test('cannot be both kinds of store', () => {
    expect(() => readServeSettings(['--memory', '--data', 'd'])).toThrow(
      new UsageError('--memory and --data exclude each other'),
    );
    expect(() => readServeSettings(['--host', 'a', '--listen', 'a'])).toThrow(
      new UsageError('--host and --listen are the same: give one'),
    );
    expect(() => readServeSettings(['--region', 'a/b'])).toThrow(
      new UsageError('--region needs small letters, digits and -, not a/b'),
    );
  });
});
