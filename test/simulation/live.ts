/**
 * Live queries of a simulated database: each tab follows some reads from when it opens, through
 * crashes, lost races, schema changes and logs that are trimmed before it has read them. At rest
 * each shows what asking again shows, or has ended in the error that asking is answered with.
 */
import { type Prng, prng } from '../../src/base/prng.ts';
import { spliced } from '../../src/client/live.ts';
import { owner } from '../../src/operation/request.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';
import { itemToWire } from '../../src/value/wire.ts';
import type { Input } from '../model/state.ts';
import type { Tab } from './device.ts';
import { isDynamo, itemOf } from './judge.ts';
import type { Ledger } from './ledger.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';

const site = siteOf('live');
/** How long one that has ended waits before it is opened again: longer each time in a row. */
const againMs = 200;
const againMsMax = 4000;
const opensMax = 1000;
const followedOfTab = 5;
const pagesMax = 1000;

type Read = readonly [operation: string, input: Input];

interface Followed {
  readonly read: Read;
  items: readonly object[];
  /** What it ended in, while it is not opened again. */
  error: Error | undefined;
  told: number;
}

export class LiveWatch {
  told = 0;
  readonly #scheduler: SeededScheduler;
  readonly #ledger: Ledger;
  readonly #random: Prng;
  readonly #followed = new Map<Tab, Followed[]>();
  #isOver = false;

  constructor(scheduler: SeededScheduler, ledger: Ledger, seed: number) {
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.#random = prng(seed);
  }

  opened(tab: Tab): void {
    const all = Array.from({ length: followedOfTab }, () => {
      const read = drawRead(this.#random);
      const followed: Followed = { read, items: [], error: undefined, told: 0 };
      void this.#follow(tab, followed);
      return followed;
    });
    this.#followed.set(tab, all);
  }

  /** Compares what the live queries of `tabs` show with what these are answered now. */
  async compare(tabs: readonly Tab[]): Promise<void> {
    for (const tab of tabs) {
      await this.#ask(tab, ['ListTables', {}]).catch(() => undefined);
    }
    // Whoever has ended is opened again.
    await this.#scheduler.wait(site, 2 * againMsMax);
    for (const tab of tabs) {
      for (const followed of this.#followed.get(tab) ?? []) await this.#compare(tab, followed);
    }
  }

  finish(): void {
    this.#isOver = true;
  }

  async #follow(tab: Tab, followed: Followed): Promise<void> {
    const { read } = followed;
    let waitMs = againMs / 2;
    for (let opens = 0; opens < opensMax && !this.#isOver && !tab.store.dead; opens += 1) {
      try {
        followed.items = [];
        const reader = tab.engine.live(requestOf(read));
        for (let change = await reader.next(); change; change = await reader.next()) {
          followed.error = undefined;
          waitMs = againMs / 2;
          followed.items = spliced(followed.items, change.splices, change.items);
          followed.told += 1;
          this.told += 1;
          if (change.count !== followed.items.length) {
            this.#ledger.violate(`a live ${nameOf(read)} counts ${change.count}`);
          }
        }
        // The engine was closed.
        return;
      } catch (error) {
        followed.error = error as Error;
        if (/assert|^Internal server error/i.test(followed.error.message)) {
          this.#ledger.violate(`a live ${nameOf(read)} ended: ${followed.error.message}`);
        }
      }
      waitMs = Math.min(againMsMax, 2 * waitMs);
      await this.#scheduler.wait(site, waitMs);
    }
  }

  async #compare(tab: Tab, { read, items, error }: Followed): Promise<void> {
    const name = `a live ${nameOf(read)} of ${tab.id.slice(0, 4)}`;
    let wanted: readonly Item[];
    try {
      wanted = await this.#all(tab, read);
    } catch (refusal) {
      const isSame = error !== undefined && error.name === (refusal as Error).name;
      if (!isSame || !isDynamo(error)) {
        this.#ledger.violate(`${name} has not ended: ${String(refusal)}, but ${String(error)}`);
      }
      return;
    }
    const shown = items.map(itemOf);
    const isSame =
      error === undefined &&
      shown.length === wanted.length &&
      shown.every((item, at) => equalItems(item, wanted[at] as Item));
    if (isSame) return;
    this.#ledger.violate(
      `${name} shows ${shown.length} items for ${wanted.length}, ${String(error)}`,
    );
  }

  async #all(tab: Tab, read: Read): Promise<readonly Item[]> {
    const [operation, input] = read;
    const items: Item[] = [];
    let start: Input = {};
    for (let page = 0; page < pagesMax; page += 1) {
      const output = await this.#ask(tab, [operation, { ...input, ...start }]);
      for (const item of output['Items'] as readonly unknown[]) items.push(itemOf(item));
      const last = output['LastEvaluatedKey'];
      // Without a limit a live query goes on beyond the page that an answer ends with.
      if (last === undefined || input['Limit'] !== undefined) return items;
      start = { ExclusiveStartKey: itemToWire(itemOf(last)) };
    }
    throw new Error('a read without end');
  }

  async #ask({ engine }: Tab, read: Read): Promise<Readonly<Record<string, unknown>>> {
    const answer = await engine.call({ ...requestOf(read), consistency: 'strong' });
    return answer as Readonly<Record<string, unknown>>;
  }
}

function requestOf([operation, input]: Read) {
  return { operation, input, form: 'wire', caller: owner } as const;
}

function nameOf([operation, input]: Read): string {
  return `${operation} ${JSON.stringify(input)}`;
}

/** The names are those of operations.ts; what is not there yet is refused, and tried again. */
function drawRead(random: Prng): Read {
  const TableName = ['Alpha', 'Alpha', 'Beta', 'Gamma'][random.below(4)] as string;
  const limit = random.chance(0.5) ? { Limit: 1 + random.below(5) } : {};
  const p = { S: `p${random.below(3)}` };
  const ExpressionAttributeValues = { ':h': p };
  const ScanIndexForward = random.chance(0.5);
  switch (random.below(4)) {
    case 0: {
      return ['Scan', { TableName, ...limit }];
    }
    case 1: {
      const filter = { FilterExpression: 'attribute_exists(g)', ...limit };
      return ['Scan', { TableName, ...filter }];
    }
    case 2: {
      const key = { KeyConditionExpression: 'p = :h', ExpressionAttributeValues };
      return ['Query', { TableName, ...key, ScanIndexForward, ...limit }];
    }
    default: {
      // What follows items for their entries in a local index is rare otherwise.
      const isLocal = TableName === 'Beta' || random.chance(0.4);
      const hash = isLocal ? 'p' : 'g';
      const values = isLocal ? { ':h': p } : { ':h': { S: 'xyz'[random.below(3)] } };
      return [
        'Query',
        {
          TableName: isLocal ? 'Beta' : TableName,
          IndexName: isLocal ? 'byR' : 'byG',
          KeyConditionExpression: `${hash} = :h`,
          ExpressionAttributeValues: values,
          ...(isLocal && random.chance(0.8) ? { Select: 'ALL_ATTRIBUTES' } : {}),
          ScanIndexForward,
          ...limit,
        },
      ];
    }
  }
}
