/**
 * The Fault port: named places where a store can be told to fail, off in production.
 *
 * A simulation gives a function that answers, at each visit of a site, what happens there. A kind
 * that makes no sense at a site (a full disk when reading) counts as `lost`.
 */

export type FaultSite = 'store.get' | 'store.scan' | 'store.write';

/**
 * - `full`: the write is refused as `full`; nothing is written.
 * - `lost`: a read throws StoreFailure; a write answers `unknown` and was not carried out.
 * - `lost-after`: a write answers `unknown` and was carried out; a read is lost.
 */
export type FaultKind = 'full' | 'lost' | 'lost-after';

export type FaultPlan = (site: FaultSite) => FaultKind | undefined;
