/** The table of faults that fired: a line for each site, a column for each fault. */
import { type Fired, lateFaults, requestFaults, worldFaults } from './faults.ts';
import { replicaSites, sites } from './sites.ts';

const columnMin = 6;
const ofWorld = [...worldFaults, ...lateFaults];

export function faultTable(fired: Fired): readonly string[] {
  const columns = ['reached', ...requestFaults];
  const widths = columns.map((name) => Math.max(name.length, columnMin) + 1);
  const label = Math.max(...sites.map((site) => site.length));
  const line = (name: string, cells: readonly (number | string)[]): string => {
    const padded = cells.map((cell, at) => String(cell).padStart(widths[at] as number));
    return name.padEnd(label) + padded.join('');
  };
  const rows = sites.map((site) => {
    const counts = ['', ...requestFaults].map((fault) => fired[`${site}|${fault}`] ?? 0);
    return line(site, counts);
  });
  const world = ofWorld.map((fault) => `${fault} ${fired[`world|${fault}`] ?? 0}`).join(', ');
  const pairs = Object.keys(fired).filter((name) => !name.endsWith('|')).length;
  return [line('', columns), ...rows, world, `${pairs} pairs of a fault and its site`];
}

/**
 * Sites that were never reached, or where nothing ever failed; and faults that never fired, those
 * of requests at whatever site.
 */
export function idleSites(fired: Fired): readonly string[] {
  const did = (site: string, fault: string): boolean => (fired[`${site}|${fault}`] ?? 0) > 0;
  return [
    ...sites.filter((site) => !requestFaults.some((fault) => did(site, fault))),
    ...requestFaults.filter((fault) => !sites.some((site) => did(site, fault))),
    ...ofWorld.filter((fault) => (fired[`world|${fault}`] ?? 0) === 0),
  ];
}

/** The same of the sites that only several devices come to. */
export function idleReplicaSites(fired: Fired): readonly string[] {
  return replicaSites.filter((site) => {
    return !requestFaults.some((fault) => (fired[`${site}|${fault}`] ?? 0) > 0);
  });
}
