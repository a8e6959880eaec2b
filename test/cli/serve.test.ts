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
      validationEnvelope: false,
      enforceCapacity: false,
      destinations: undefined,
      auth: undefined,
      region: 'local',
      peers: [],
      peerToken: undefined,
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
      '--validation-envelope',
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
      validationEnvelope: true,
      enforceCapacity: true,
      destinations: undefined,
      auth: undefined,
      region: 'local',
      peers: [],
      peerToken: undefined,
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

  test('follows each hub that it is told', () => {
    const typed = ['--peer', 'http://a:1', '--peer=https://b', '--peer-token', 'f'];
    expect(readServeSettings(typed)).toMatchObject({
      peers: ['http://a:1', 'https://b'],
      peerToken: 'f',
    });
    for (const odd of ['a:1', 'ftp://a', 'http://']) {
      expect(() => readServeSettings(['--peer', odd])).toThrow(
        new UsageError(`--peer needs the URL of a hub, not ${odd}`),
      );
    }
  });

  const one = 'arn:aws:kinesis:us-east-1:111122223333:stream/one';
  const two = 'arn:aws:kinesis:us-east-1:111122223333:stream/two';

  test('has a URL for each destination', () => {
    const typed = [
      '--destination',
      `${one}=http://127.0.0.1:9/a?b=c`,
      `--destination=${two}=https://x.org`,
    ];
    expect(readServeSettings(typed)?.destinations).toEqual({
      [one]: 'http://127.0.0.1:9/a?b=c',
      [two]: 'https://x.org',
    });
  });

  const form = '--destination needs the ARN of a stream, = and a URL, not ';
  test.each([
    [['x=http://a'], `${form}x=http://a`],
    [[one], form + one],
    [[`${one}=ftp://a`], `${form}${one}=ftp://a`],
    [[`${one}=http://`], `${form}${one}=http://`],
    [[`${one}=http://a`, `${one}=http://b`], `--destination has two URLs for ${one}`],
  ])('refuses the destinations %j', (given, message) => {
    const typed = given.flatMap((text) => ['--destination', text]);
    expect(() => readServeSettings(typed)).toThrow(new UsageError(message));
  });
});
