/** Triggers over the channel: whose calls they become, and the waits. */
import { expect, test } from 'vitest';
import { systemScheduler } from '../../src/host/ports.ts';
import { type Answer, owner, type Request } from '../../src/operation/request.ts';
import { withTriggers } from '../../src/wire/triggers.ts';
import { fakeEngine } from '../support/fake-engine.ts';

function ask(
  served: ReturnType<typeof withTriggers>,
  operation: string,
  input: object = {},
  more: Partial<Request> = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    served.submit({ operation, input, form: 'wire', caller: owner, ...more }, resolve);
  });
}

test('a page asks for a trigger as the engine does, and for the rest as itself', async () => {
  const engine = fakeEngine(() => ({ from: 'engine' }));
  const rest = fakeEngine(() => ({ from: 'rest' }));
  const served = withTriggers({ engine, scheduler: systemScheduler }, rest);
  expect(await ask(served, 'PeekTrigger')).toEqual({ output: { from: 'engine' } });
  expect(await ask(served, 'AdvanceJob')).toEqual({ output: { from: 'rest' } });
  expect(await ask(served, 'TriggerOther')).toEqual({ output: { from: 'rest' } });
  expect(engine.requests[0]?.caller.kind).toBe('engine');
  expect(rest.requests.map(({ caller }) => caller.kind)).toEqual(['user', 'user']);
});

test('waits end with their time, with a change, or when they are taken back', async () => {
  let moved: () => void = () => undefined;
  const engine = {
    ...fakeEngine(() => ({})),
    watch: (listener: () => void) => {
      moved = listener;
      return () => undefined;
    },
  };
  const served = withTriggers({ engine, scheduler: systemScheduler }, engine);
  expect(await ask(served, 'TriggerDelay', { Ms: 1 })).toEqual({ output: {} });
  const change = ask(served, 'TriggerChange', { Ms: 60_000 });
  moved();
  await change;
  const stop = new AbortController();
  const delay = ask(served, 'TriggerDelay', { Ms: 60_000 }, { signal: stop.signal });
  stop.abort();
  await delay;
  expect(await ask(served, 'TriggerDurable', { Sequence: 0 })).toEqual({ output: {} });
});

test('what cannot be made durable is told', async () => {
  const barrier = async (): Promise<never> => {
    throw new Error('the disk is full');
  };
  const whenDurable = (): Promise<void> => new Promise(() => undefined);
  const engine = { ...fakeEngine(() => ({})), barrier, whenDurable };
  const served = withTriggers({ engine, scheduler: systemScheduler }, engine);
  const { error } = await ask(served, 'TriggerDurable', { Sequence: 7 });
  expect(error?.message).toBe('the disk is full');
});
