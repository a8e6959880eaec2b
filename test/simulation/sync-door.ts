/**
 * What stands before the hubs of a simulated world. A device shows a token with each message; in
 * some worlds it expires, and a new one takes a while. In some a device's program signs out and in
 * as somebody else for a while, and in some the hubs speak another protocol for a while. What is
 * not let in is answered with a status alone, as over HTTP; nothing of it is taken.
 *
 * Drawn by itself which world has what.
 */
import { prng } from '../../src/base/prng.ts';
import { readLink } from '../../src/replica/link.ts';
import { decodeFrame, type Frame, WireFault } from '../../src/replica/wire.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import type { Stored } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { SyncLedger } from './sync-ledger.ts';
import type { Station } from './sync-station.ts';
import { sent } from './sync-wire.ts';

export const doorFaults: readonly string[] = [
  'token expired',
  'another account',
  'another account refused by the hub',
  'other protocol version',
];

/** Who a token is of. */
export interface Pass {
  readonly account: string;
  untilMs: number;
}

/** Whose the databases of all devices are. */
export const user = 'user';
const somebody = 'somebody';

const doorSite = siteOf('door');
const protocolAt = 2;

export class Doors {
  readonly #scheduler: SeededScheduler;
  readonly #ledger: SyncLedger;
  readonly #hasTokens: boolean;
  readonly hasAccounts: boolean;
  readonly #hasVersions: boolean;
  readonly #accounts = new Map<Station, string>();
  readonly #passes = new Map<Station, Pass>();
  /** Devices that wait for a new token. */
  readonly #asking = new Set<Station>();
  #otherUntilMs = 0;
  /** False when all is to go well from now on. */
  active = true;

  /** `isSteady`: hubs know whose each replica is from its first message to the end. */
  constructor(scheduler: SeededScheduler, ledger: SyncLedger, seed: number, isSteady: boolean) {
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    const drawn = prng(seed * 53 + 11);
    this.#hasTokens = drawn.chance(0.4);
    this.hasAccounts = drawn.chance(0.4) && isSteady;
    this.#hasVersions = drawn.chance(0.4);
  }

  /** What a device shows now. */
  pass(device: Station): Pass {
    const known = this.#passes.get(device);
    if (known !== undefined && this.active) return known;
    const pass = this.#newPass(this.active ? this.#accountOf(device) : user);
    this.#passes.set(device, pass);
    return pass;
  }

  /** The token that there is instead of one that was not taken; if none, it is asked for. */
  renewed(device: Station, pass: Pass): Pass | undefined {
    const now = this.pass(device);
    if (now !== pass) return now;
    if (this.#asking.has(device)) return undefined;
    this.#asking.add(device);
    const takesMs = 300 + this.#scheduler.random.below(4000);
    void this.#scheduler.wait(doorSite, takesMs).then(() => {
      this.#asking.delete(device);
      this.#passes.set(device, this.#newPass(this.#accountOf(device)));
    });
    return undefined;
  }

  /** Why a hub does not let in what has come. */
  refusal(pass: Pass, frame: Frame): SyncFault | undefined {
    const { nowMs } = this.#scheduler;
    if (!this.active) return undefined;
    if (nowMs < this.#otherUntilMs) {
      this.#ledger.fire('other protocol version');
      this.#checkVersion(frame);
      return new SyncFault('update-needed', 'Another protocol', undefined, 426);
    }
    if (nowMs < pass.untilMs) return undefined;
    this.#ledger.fire('token expired');
    return new SyncFault('needs-auth', 'The token has expired', undefined, 401);
  }

  /** Whether the database may be spoken of with this token: it is of one principal. */
  isOf(principal: string, { account }: Pass): boolean {
    if (principal === '' || principal === account) return true;
    this.#ledger.fire('another account');
    return false;
  }

  /** What a hub has said to a device that shows this token. */
  judge({ account }: Pass, { kind }: Frame['message']): void {
    if (account === user || (kind !== 'hello' && kind !== 'push')) return;
    this.#ledger.violate(`a hub has taken a ${kind} of a replica that is of somebody else`);
  }

  refusedByHub({ account }: Pass): void {
    if (account === user) this.#ledger.violate('a hub took a replica for one of somebody else');
    else this.#ledger.fire('another account refused by the hub');
  }

  /** Frames of another protocol, with which one of the two sides answers the other. */
  #checkVersion(frame: Frame): void {
    const bytes = sent(frame);
    bytes[protocolAt] = 1 + (bytes[protocolAt] as number);
    try {
      decodeFrame(bytes);
      this.#ledger.violate('a frame of another protocol was taken');
    } catch (error) {
      const isIt = error instanceof WireFault && error.why === 'protocol';
      if (!isIt) this.#ledger.violate(`a frame of another protocol: ${String(error)}`);
    }
  }

  /** Now and then: the hubs are of another release for a while. */
  trouble(): void {
    const { random, nowMs } = this.#scheduler;
    if (this.#hasVersions && random.chance(0.2)) this.#otherUntilMs = nowMs + random.below(6000);
  }

  /** As somebody else, for a while, where the database is of the user by now. */
  signIn(device: Station, { reader, self }: Stored): void {
    const { random } = this.#scheduler;
    const isKnown = readLink(reader, self.book).link.principal === user;
    if (!isKnown || this.#accountOf(device) !== user || random.chance(0.5)) return;
    this.#accounts.set(device, somebody);
    // Who signs out has no token any more, whatever connection shows it.
    const pass = this.#passes.get(device);
    if (pass !== undefined) pass.untilMs = this.#scheduler.nowMs;
    this.#passes.delete(device);
    void this.#scheduler.wait(doorSite, 500 + random.below(6000)).then(() => {
      this.#accounts.set(device, user);
      this.#passes.delete(device);
    });
  }

  #accountOf(device: Station): string {
    return this.#accounts.get(device) ?? user;
  }

  #newPass(account: string): Pass {
    const { random, nowMs } = this.#scheduler;
    const expires = this.active && (this.#hasTokens || this.hasAccounts);
    const untilMs = expires ? nowMs + 2000 + random.below(30_000) : Number.POSITIVE_INFINITY;
    return { account, untilMs };
  }
}
