import { describe, expect, test } from 'vitest';
import { leadAnswerMs, leadSilenceMs } from '../../src/base/replica-limits.ts';
import { TestClock } from '../../src/client/test-clock.ts';
import { LeaderWatch } from '../../src/sync/leader-watch.ts';

/** The longest waits there are. */
const random = { bytes: (length: number) => new Uint8Array(length).fill(255) };

function watch(): { clock: TestClock; asked: () => number; leader: LeaderWatch } {
  const clock = new TestClock();
  clock.freeze();
  let asked = 0;
  const ask = (): void => {
    asked += 1;
  };
  const leader = new LeaderWatch({ clock, random, scheduler: clock, ask });
  return { clock, asked: () => asked, leader };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the watch over who leads', () => {
  test('asks at first, and takes no answer for absence', async () => {
    const { clock, asked, leader } = watch();
    const silent = leader.isSilent(new AbortController().signal);
    expect(asked()).toBe(1);
    clock.advance(leadAnswerMs);
    expect(await silent).toBe(true);
  });

  test('leaves alone who answers, and asks again after a while', async () => {
    const { clock, asked, leader } = watch();
    let said: boolean | undefined;
    void leader.isSilent(new AbortController().signal).then((isSilent) => {
      said = isSilent;
    });
    for (let round = 1; round <= 10; round += 1) {
      expect(asked()).toBe(round);
      leader.heard();
      clock.advance(leadAnswerMs);
      await turn();
      clock.advance(leadSilenceMs - leadAnswerMs);
      await turn();
    }
    clock.advance(leadAnswerMs);
    await turn();
    expect(said).toBe(true);
  });

  test('asks at once when something is wished', async () => {
    const { clock, asked, leader } = watch();
    void leader.isSilent(new AbortController().signal);
    leader.heard();
    clock.advance(leadAnswerMs);
    await turn();
    expect(asked()).toBe(1);
    leader.doubt();
    await turn();
    expect(asked()).toBe(2);
  });

  test('sees nothing in its own sleep', async () => {
    const { clock, asked, leader } = watch();
    const over = new AbortController();
    const silent = leader.isSilent(over.signal);
    leader.heard();
    clock.advance(leadAnswerMs);
    await turn();
    // This tab was frozen for an hour, and with it what it would have heard.
    clock.advance(3600 * 1000);
    await turn();
    expect(asked()).toBe(2);
    leader.heard();
    clock.advance(leadAnswerMs);
    await turn();
    over.abort();
    expect(await silent).toBe(false);
  });

  test('says nothing where tabs do not hear one another', async () => {
    const clock = new TestClock();
    const ports = { clock, random, scheduler: clock, ask: undefined };
    expect(await new LeaderWatch(ports).isSilent(new AbortController().signal)).toBe(false);
  });
});
