import { describe, expect, test } from 'vitest';
import { SharedEngines } from '../../src/host/shared-engines.ts';
import type { Notice, Notify } from '../../src/port/notice.ts';
import { fakeEngine } from '../support/fake-engine.ts';

/** Engines that count their ends, and who to tell of each. */
function world() {
  const closed: string[] = [];
  const notify = new Map<string, Notify>();
  const engines = new SharedEngines(async (name, _settings, tell) => {
    notify.set(name, tell);
    if (name === 'broken') throw new Error('no');
    const engine = fakeEngine(() => ({}));
    return { ...engine, close: async () => void closed.push(name) };
  });
  const tell = (name: string, type: Notice['type'], message = ''): void => {
    notify.get(name)?.({ type, message });
  };
  return { engines, closed, tell };
}

const user = (): { readonly heard: string[]; readonly hear: Notify } => {
  const heard: string[] = [];
  return { heard, hear: ({ type }) => void heard.push(type) };
};

describe('shared engines', () => {
  test('are closed with their last user, and not by who is none', async () => {
    const { engines, closed } = world();
    const [one, two] = [user(), user()];
    const engine = engines.take('db', {}, one.hear);
    expect(await engines.take('db', {}, two.hear)).toBe(await engine);
    await engines.leave('db', one.hear);
    await engines.leave('db', one.hear);
    await engines.leave('other', one.hear);
    expect(closed).toEqual([]);
    await engines.leave('db', two.hear);
    expect(closed).toEqual(['db']);
  });

  test('that could not be opened are left all the same', async () => {
    const { engines } = world();
    const { hear } = user();
    await expect(engines.take('broken', {}, hear)).rejects.toThrow('no');
    await engines.leave('broken', hear);
    expect(engines.health('broken')).toBeUndefined();
  });

  test('tell all users of one, and nobody of another', async () => {
    const { engines, tell } = world();
    const [one, two, three] = [user(), user(), user()];
    for (const { hear } of [one, two]) await engines.take('db', {}, hear);
    await engines.take('other', {}, three.hear);
    tell('db', 'connection-lost');
    await engines.leave('db', two.hear);
    tell('db', 'reconnected');
    expect([one.heard, two.heard, three.heard]).toEqual([
      ['connection-lost', 'reconnected'],
      ['connection-lost'],
      [],
    ]);
  });

  test.each([
    [['connection-lost'], { connection: 'lost', reconnects: 0 }],
    [['connection-lost', 'reconnected'], { connection: 'open', reconnects: 1 }],
    [['background-error'], { connection: 'open', reconnects: 0 }],
    [['connection-lost', 'data-loss'], { connection: 'closed', dataLoss: 'why', reconnects: 0 }],
    [['closed'], { connection: 'closed', reconnects: 0 }],
  ] as const)('%j: the health is %j', async (types, health) => {
    const { engines, tell } = world();
    await engines.take('db', {}, user().hear);
    for (const type of types) tell('db', type, 'why');
    expect(engines.health('db')).toEqual(health);
  });
});
