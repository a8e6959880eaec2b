/**
 * What the hub's policies let each device see and write, which changes at any time; and whether a
 * device shows what it may not read.
 */
import { mapKey } from '../../src/base/bytes.ts';
import type { Prng } from '../../src/base/prng.ts';
import { readPolicy } from '../../src/access/policy.ts';
import { scopeOf } from '../../src/operation/access/scope.ts';
import type { ScopeOf } from '../../src/operation/request.ts';
import { decodeEntry } from '../../src/replica/entry.ts';
import type { PageChange } from '../../src/replica/page.ts';
import { mayRead, type Scope } from '../../src/replica/scope.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { hashPrefix } from '../../src/value/key.ts';
import type { Item } from '../../src/value/value.ts';
import type { SyncLedger } from './sync-ledger.ts';

const keys: readonly string[] = [
  ...Array.from({ length: 12 }, (_, at) => `k${at}`),
  ...['x0', 'y0', 'x1', 'y1'],
  'stock',
  'tally',
];
/** Pairs that are looked at are always in scope: what is loading tears transactions. */
const kept: ReadonlySet<string> = new Set(['x0', 'y0']);

export const policyFaults: readonly string[] = [
  'policy changed',
  'items purged',
  'edits out of scope',
  'range gained',
  'page of another scope',
];

interface Rule {
  readonly reads: readonly string[];
  readonly puts: readonly string[];
}

interface Watched {
  readonly scope: ScopeOf | undefined;
  seen(): Scope | undefined;
}

type Look = (operation: string, input: object) => Promise<object | undefined>;

export class Policies {
  /** By device; everything where there is none. */
  readonly #rules = new Map<string, Rule>();
  readonly #ledger: SyncLedger;
  /** They change in this world. */
  readonly isMoving: boolean;

  constructor(ledger: SyncLedger, isMoving: boolean) {
    this.#ledger = ledger;
    this.isMoving = isMoving;
  }

  /** Something else is allowed from now on. */
  flip(device: string, random: Prng): void {
    this.#ledger.fire('policy changed');
    if (random.chance(0.2)) {
      this.#rules.delete(device);
      return;
    }
    const reads = keys.filter((key) => kept.has(key) || random.chance(0.7));
    this.#rules.set(device, { reads, puts: reads.filter(() => !random.chance(0.15)) });
  }

  /** As the hub's own access file would have it. */
  scope(device: string): ScopeOf | undefined {
    if (!this.isMoving) return undefined;
    return (context) => {
      const { reads, puts } = this.#rules.get(device) ?? { reads: keys, puts: keys };
      const Statement = [allow(['dynamodb:Query'], reads), allow(writes, puts)];
      const policies = [readPolicy({ Version: '2012-10-17', Statement }, device)];
      return scopeOf({ arn: device, policies, variables: new Map() }, context);
    };
  }

  /** The same scope; `seen`: what it was when a call asked for it last. */
  watched(scope: ScopeOf | undefined): Watched {
    let last: Scope | undefined;
    const watching: ScopeOf = (context) => {
      last = (scope as ScopeOf)(context);
      return last;
    };
    return { scope: scope && watching, seen: () => last };
  }

  /** A hub tells of nothing that is not in the scope in which it has read it. */
  told(scope: Scope | undefined, changes: readonly PageChange[]): void {
    for (const { table, key } of changes) {
      if (mayRead(scope, table, key)) continue;
      this.#ledger.violate(`${scope?.user} is told of ${mapKey(key)}, which it may not read`);
    }
  }

  /** Whether an entry writes what its device may not. */
  refuses(device: string, entry: Uint8Array): boolean {
    const rule = this.#rules.get(device);
    if (rule === undefined) return false;
    const allowed = new Set(rule.puts.map(storedKeyOf));
    return decodeEntry(entry).mutations.some(({ key }) => !allowed.has(mapKey(key)));
  }

  /** Whether the item of this stored key may be read in the end. */
  reads(device: string, key: Uint8Array): boolean {
    const rule = this.#rules.get(device);
    if (!this.isMoving || rule === undefined) return true;
    return rule.reads.some((one) => storedKeyOf(one) === mapKey(key));
  }

  /** Nothing is listed that a device refuses to read: its scope may move between two questions. */
  async look(device: string, look: Look): Promise<void> {
    if (!this.isMoving) return;
    const { Items } = ((await look('Scan', { TableName: 'Things' })) ?? {}) as {
      Items?: unknown[];
    };
    for (const item of Items ?? []) {
      const p = keyOf(item);
      if (p === undefined || (await isRead(look, p))) continue;
      const again = (await look('Scan', { TableName: 'Things' })) as
        | { Items?: unknown[] }
        | undefined;
      const isThere = again?.Items?.some((one) => keyOf(one) === p) === true;
      if (isThere && !(await isRead(look, p))) {
        this.#ledger.violate(`${device} shows ${p}, which it may not read`);
      }
    }
  }
}

const writes = ['dynamodb:PutItem', 'dynamodb:DeleteItem'];

function allow(Action: readonly string[], values: readonly string[]): object {
  const Condition = {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...values, 'nobody has this one'] },
  };
  return { Effect: 'Allow', Action, Resource: '*', Condition };
}

function storedKeyOf(p: string): string {
  return mapKey(hashPrefix([{ type: 'S', value: p }]));
}

/** False where it is refused; a tab that is gone says nothing. */
async function isRead(look: Look, p: string): Promise<boolean> {
  try {
    await look('GetItem', { TableName: 'Things', Key: { p: { S: p } } });
    return true;
  } catch (error) {
    return (error as Error).name !== 'AccessDeniedException';
  }
}

function keyOf(item: unknown): string | undefined {
  const plain = item instanceof StoredItem ? item.item() : (item as Item | undefined);
  const p = plain?.get('p');
  return p === undefined ? undefined : String(p.value);
}
