/** Addresses that only this machine can reach. */
import { isIP } from 'node:net';

/** Whether listening there lets nobody in from another machine. A name other than localhost may. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
