/**
 * Time to live in a simulated database, told naively: which attribute a table's items expire by,
 * when one's time is over, and requests that turn it on and off.
 */
import type { Prng } from '../../src/base/prng.ts';
import type { Item } from '../../src/value/value.ts';
import type { ModelState } from '../model/state.ts';

export const expiryAttribute = 'e';
const yearSeconds = 365 * 24 * 3600;

/** By which a table's items expire, as its description says; undefined: they last. */
export function expiresBy(description: Item): string | undefined {
  const indexes = description.get('indexes');
  for (const index of indexes?.type === 'L' ? indexes.value : []) {
    const entry = index.type === 'M' ? index.value : new Map();
    if (entry.get('kind')?.value !== 'system') continue;
    const range = entry.get('keys')?.value.get('range').value[0].value[0];
    return String(range.value);
  }
  return undefined;
}

/** Whether an item's time was over at that wall time, and by less than `yearsMax`. */
export function isOver(item: Item, attribute: string, wallMs: number, yearsMax: number): boolean {
  const value = item.get(attribute);
  if (value?.type !== 'N') return false;
  const seconds = Math.trunc(Number(value.value));
  const now = Math.floor(wallMs / 1000);
  return seconds < now && seconds >= now - yearsMax * yearSeconds;
}

/** Items that should be gone: their time was over `sinceMs` ago and earlier. */
export function overdue(
  state: ModelState,
  expiring: ReadonlyMap<string, string>,
  wallMs: number,
  sinceMs: number,
): readonly string[] {
  const keys: string[] = [];
  for (const [table, attribute] of expiring) {
    for (const [key, item] of state.tables.get(table)?.items ?? []) {
      // An item at the end of its five years may be left alone by a clock that is ahead.
      if (isOver(item, attribute, wallMs - sinceMs, 4.9)) keys.push(`${table} ${key}`);
    }
  }
  return keys;
}

/** How long until nothing falls due for `quietMs`: `leastMs`, or as much more as it takes. */
export function untilQuiet(
  state: ModelState,
  expiring: ReadonlyMap<string, string>,
  wallMs: number,
  { leastMs, quietMs }: { readonly leastMs: number; readonly quietMs: number },
): number {
  const dues: number[] = [];
  for (const [table, attribute] of expiring) {
    for (const item of state.tables.get(table)?.items.values() ?? []) {
      const value = item.get(attribute);
      if (value?.type === 'N') dues.push((Math.trunc(Number(value.value)) + 1) * 1000);
    }
  }
  let untilMs = wallMs + leastMs;
  for (const dueMs of dues.sort((a, b) => a - b)) {
    if (dueMs > untilMs && dueMs <= untilMs + quietMs) untilMs = dueMs;
  }
  return untilMs - wallMs;
}

/** An attribute value: mostly a time around now, sometimes one that says nothing. */
export function drawTime(random: Prng, nowSeconds: number): object {
  if (random.chance(0.1)) return { S: String(nowSeconds - 1) };
  if (random.chance(0.1)) return { N: String(random.below(1000)) };
  const time = nowSeconds - 15 + random.below(60);
  return { N: random.chance(0.2) ? `${time}.5` : String(time) };
}

/** Refused within an hour of the last change, and where it is so already. */
export function drawTurn(random: Prng): object {
  const TableName = ['Alpha', 'Beta', 'Gamma'][random.below(3)];
  const Enabled = random.chance(0.8);
  return { TableName, TimeToLiveSpecification: { Enabled, AttributeName: expiryAttribute } };
}
