import { describe, expect, test } from 'vitest';
import { parseOptions, portOf, UsageError } from '../../src/cli/arguments.ts';

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
