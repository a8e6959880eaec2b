/**
 * Limits of a server that is reached by others (docs/access.md): policies, tokens, rates, bodies.
 * All of them are ours.
 */

const KB = 1024;
const MB = 1024 * KB;

/** Of one policy: statements, values in one member, and characters of a value. */
export const policyStatementsMax: number = 200;
export const policyValuesMax: number = 1000;
export const policyTextMax: number = 2048;
/** Partition keys, or parts of them, of one table that a principal's replica may be of. */
export const scopePiecesMax: number = 1000;
/** The file that says who has access, and a set of public keys: bytes. */
export const accessFileBytesMax: number = 1 * MB;
export const keySetBytesMax: number = 256 * KB;
export const keySetKeysMax: number = 100;
/** Keys, issuers and policies of one file. */
export const accessEntriesMax: number = 10_000;
/** Claims of a token that policies can speak of, values of one of them, and how deep they lie. */
export const claimsMax: number = 200;
export const claimValuesMax: number = 200;
export const claimDepthMax: number = 4;
export const claimTextMax: number = 1024;
/** Characters of a token; the time between its issue and its end, by default and at most. */
export const tokenLengthMax: number = 8 * KB;
export const tokenLifeMs: number = 15 * 60 * 1000;
export const tokenLifeMaxMs: number = 24 * 60 * 60 * 1000;
/** How far the clocks of a token's issuer and ours may be apart. */
export const tokenSkewMs: number = 60_000;
/** Public keys are read anew after so long; after an unknown key id, at most so often. */
export const keySetAgeMs: number = 10 * 60 * 1000;
export const keySetPauseMs: number = 30_000;
/** How long the keys that were read last are good while they cannot be read anew. */
export const keySetStaleMs: number = 24 * 60 * 60 * 1000;
export const keySetTimeoutMs: number = 5000;
/** Requests a second, and how many at once after a pause: of a principal, of an address. */
export const principalRate: number = 1000;
export const principalBurst: number = 2000;
export const addressRate: number = 2000;
export const addressBurst: number = 4000;
/** Principals and addresses whose requests are counted; the longest unseen are forgotten. */
export const ratedMax: number = 10_000;
/** Requests under way of a principal, and of all. */
export const principalRequestsMax: number = 64;
export const serverRequestsMax: number = 512;
export const addressConnectionsMax: number = 256;
/** What is read of the body of a request that is refused by its head. */
export const refusedBodyBytes: number = 64 * KB;
/** Bodies that a server holds at once, bytes. */
export const bodiesBytesMax: number = 256 * MB;
/** A client has so long for its headers, and for all of a request. */
export const headersWaitMs: number = 10_000;
export const requestWaitMs: number = 60_000;
/** A connection on which nothing moves is closed, with the answer that nobody takes. */
export const answerWaitMs: number = 120_000;
/** How often a server looks for clients that take longer. */
export const requestLookMs: number = 1000;
/** Refusals that a server tells of in a second. */
export const refusalsTold: number = 20;
