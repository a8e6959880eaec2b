import { describe, expect, test } from 'vitest';
import { AssertionFailure } from '../../src/base/assert.ts';
import { Corruption, UpdateNeeded } from '../../src/base/corruption.ts';
import { DynamoError } from '../../src/base/errors.ts';
import {
  AbortError,
  answerable,
  type Call,
  CallContext,
  DeadlineError,
  endedError,
  isOurMistake,
} from '../../src/engine/call.ts';
import { StoreFailure } from '../../src/port/store.ts';
import { openTestState, requestOf } from '../support/engine.ts';

describe('an error as a caller is told of it', () => {
  const refused = new DynamoError('ValidationException', 'no');
  const update = new UpdateNeeded('the store has format 9');
  test.each([
    ['of DynamoDB, as it is', refused, 'ValidationException', 'no'],
    ['of a newer version, as it is', update, 'UpdateNeeded', 'the store has format 9'],
    ['of ours', new AssertionFailure('x'), 'InternalServerError', 'Internal server error: x'],
    ['of damaged bytes', new Corruption('y'), 'DamagedData', 'Stored data is damaged: y'],
    [
      'of a full disk',
      new StoreFailure('full', 'z'),
      'InternalServerError',
      'The disk or the storage quota is full; nothing was written',
    ],
    [
      'of a lost store',
      new StoreFailure('lost', 'z'),
      'InternalServerError',
      'The store could not be used: z',
    ],
    ['that is none', 'text', 'Error', 'text'],
  ])('%s', (_name, error, name, message) => {
    const told = answerable(error);
    expect([told.name, told.message]).toEqual([name, message]);
  });

  test.each([
    [new AssertionFailure('x'), true],
    [new Corruption('y'), true],
    [new StoreFailure('lost', 'z'), false],
    [refused, false],
    [update, false],
  ])('%s is a mistake of ours: %s', (error, ours) => {
    expect(isOurMistake(error)).toBe(ours);
  });
});

describe('a call', () => {
  test('has ended when it was aborted, or when its deadline is past', async () => {
    const { state, time } = await openTestState();
    const ended = (more: object): Error | undefined => {
      return endedError(state, { request: requestOf('GetItem', {}, more) } as Call);
    };
    expect(ended({})).toBeUndefined();
    expect(ended({ deadlineMs: time.monoMs })).toBeUndefined();
    expect(ended({ deadlineMs: time.monoMs - 1 })).toBeInstanceOf(DeadlineError);
    expect(ended({ signal: AbortSignal.abort() })).toBeInstanceOf(AbortError);
    expect(ended({ signal: new AbortController().signal })).toBeUndefined();
  });

  test('draws the same numbers in every run, and others than another call', async () => {
    const { state } = await openTestState({ seed: 3 });
    const [a, b] = [0, 1].map(() => new CallContext(state, requestOf('GetItem', {})));
    expect(a?.random().u32()).toBe(a?.random().u32());
    expect(a?.random().u32()).not.toBe(b?.random().u32());
    const again = await openTestState({ seed: 3 });
    const replayed = new CallContext(again.state, requestOf('GetItem', {}));
    expect(replayed.random().u32()).toBe(a?.random().u32());
  });

  test('says where it is unless the options do', async () => {
    const { state } = await openTestState();
    const context = new CallContext(state, requestOf('GetItem', {}));
    const { region, account, endpoint } = context;
    expect([region, account, endpoint]).toEqual(['local', '000000000000', 'localhost:8000']);
    const named = await openTestState({ region: 'r', account: 'a', endpoint: 'e' });
    const other = new CallContext(named.state, requestOf('GetItem', {}));
    expect([other.region, other.account, other.endpoint]).toEqual(['r', 'a', 'e']);
  });
});
