/** What is lost with a page of a device's book, as the judge of a simulated world tells it. */
import { describe, expect, test } from 'vitest';
import { emptyBytes } from '../../src/base/bytes.ts';
import { entryKey } from '../../src/replica/book.ts';
import { put, type Rig } from '../support/engine.ts';
import { begun, storedOf } from '../support/replica-damage.ts';
import { answerFirst } from '../support/replica-pair.ts';
import { hiddenAt } from './sync-losses.ts';

const whole = { from: emptyBytes, to: undefined };
const mark = (w: string): object => ({ w: { S: w } });

/** Of three edits the hub has answered the first, and so has told of what is above the second. */
async function answered(): Promise<Rig> {
  const { pair, a } = await begun();
  await put(a, 'k', mark('d0-1'));
  await put(a, 'k', mark('d0-2'));
  await put(a, 'l', mark('d0-3'));
  await answerFirst(pair, a, ['k']);
  return a;
}

describe('an edit below what the hub has sent since', () => {
  test('is lost with the page that has it, and one that shows is not', async () => {
    const rig = await answered();
    await rig.engine.checkpoint();
    expect(hiddenAt(await storedOf(rig), whole)).toEqual(['d0-2']);
  });

  test('is not lost with another page, nor while the log has it', async () => {
    const rig = await answered();
    expect(hiddenAt(await storedOf(rig), whole)).toEqual([]);
    await rig.engine.checkpoint();
    expect(hiddenAt(await storedOf(rig), { from: emptyBytes, to: entryKey(0) })).toEqual([]);
  });
});
