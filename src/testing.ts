/** Entry `tidetable/testing`: a database in memory, with its clock and its faults in hand. */
export { type InMemoryOptions, openInMemory, type TestDatabase } from './client/in-memory.ts';
export { TestClock } from './client/test-clock.ts';
export { TestFaults } from './client/test-faults.ts';
export { createMemory as createDisk, type MemoryDisk } from './storage/memory.ts';
