/**
 * Limits of capacity and of the control plane, where they are enforced
 * (reference/types-and-limits.md, section 10; streams-ttl-backup-globaltables.md, section 9).
 */

/** Seconds for which unused units are kept, and buckets of them that one engine holds at most. */
export const burstSeconds: number = 300;
export const bucketsMax: number = 100_000;
/** How often units may go down on one UTC day at any time, and how long after the last one then. */
export const decreasesFreelyMax: number = 4;
export const decreaseEveryMs: number = 60 * 60 * 1000;
/** Units a second of one partition; a table on demand grows beyond twice its peak in so long. */
export const partitionReadUnits: number = 3000;
export const partitionWriteUnits: number = 1000;
export const growthMs: number = 30 * 60 * 1000;
/** How often a table may go over to on demand, and change its key or its class, in how long. */
export const onDemandSwitchesMax: number = 4;
export const encryptionChangesMax: number = 4;
export const classChangesMax: number = 2;
/** Tables that may be changing at once; those of them that have indexes under way. */
export const changingTablesMax: number = 500;
export const changingIndexedMax: number = 250;
/** Calls of the control plane in a second, and those of DescribeLimits among them. */
export const controlCallsMax: number = 2500;
export const describeLimitsMax: number = 10;
