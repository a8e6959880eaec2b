/**
 * What travels between the stations of a simulated world: frames of bytes, as over HTTP
 * (src/replica/wire.ts). Some are cut on their way.
 */
import type { Prng } from '../../src/base/prng.ts';
import { decodeFrame, encodeFrame, type Frame, WireFault } from '../../src/replica/wire.ts';
import type { SyncLedger } from './sync-ledger.ts';

export function sent(frame: Frame): Uint8Array {
  return encodeFrame(frame);
}

/** Each copy has its own bytes: what was read may go on pointing at them. */
export function arrived(bytes: Uint8Array): Frame {
  return decodeFrame(bytes.slice());
}

/** What who receives the beginning of a frame finds wrong with it: that must be a WireFault. */
export function cutFrame(bytes: Uint8Array, random: Prng, ledger: SyncLedger): string {
  const length = random.below(bytes.length);
  try {
    decodeFrame(bytes.slice(0, length));
  } catch (error) {
    if (error instanceof WireFault && error.why === 'malformed') return error.message;
    ledger.violate(`a frame that was cut: ${String(error)}`);
    return String(error);
  }
  ledger.violate(`${length} bytes of a frame of ${bytes.length} were taken for one`);
  return '';
}
