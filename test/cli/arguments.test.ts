import { describe, expect, test } from 'vitest';
import { parseOptions, portOf, UsageError } from '../../src/cli/arguments.ts';
import { readServeSettings } from '../../src/cli/serve.ts';

const kinds = { port: 'value', data: 'value', memory: 'flag' } as const;

describe('options', () => {
  test.each<[string[], [string, string][]]>([
    [[], []],
    [
      ['--port', '1', '--memory'],
      [
        ['port', '1'],
        ['memory', ''],
      ],
    ],
    [['--data=a=b'], [['data', 'a=b']]],
    [['--data', '-x'], [['data', '-x']]],
    [['--data=--x'], [['data', '--x']]],
  ])('%j', (argv, options) => {
    expect([...parseOptions(argv, kinds)]).toEqual(options);
  });

  test.each([
    [['x'], 'unexpected argument: x'],
    [['-p', '1'], 'unexpected argument: -p'],
    [['--nothing'], 'unknown option: --nothing'],
    [['--toString'], 'unknown option: --toString'],
    [['--'], 'unknown option: --'],
    [['--port'], '--port needs a value'],
    [['--port='], '--port needs a value'],
    [['--port', '--memory'], '--port needs a value'],
    [['--memory=x'], '--memory takes no value'],
    [['--port', '1', '--port', '2'], '--port is given twice'],
  ])('%j: %s', (argv, message) => {
    expect(() => parseOptions(argv, kinds)).toThrow(new UsageError(message));
  });
});

describe('a port', () => {
  test.each([
    ['0', 0],
    ['8000', 8000],
    ['65535', 65_535],
  ])('%s is one', (text, port) => {
    expect(portOf(text)).toBe(port);
  });

  test.each(['65536', '-1', '1.5', 'abc', '', '0x10', '1e3', '999999'])('%j is none', (text) => {
    expect(() => portOf(text)).toThrow(UsageError);
  });
});

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
