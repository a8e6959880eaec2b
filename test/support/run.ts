/**
 * Runs operations over a MapReader the way the engine does: check input, check, plan, decide,
 * apply.
 */
import { collectionBytesMax } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import { changeRecord } from '../../src/log/change.ts';
import type { CallerKind, Commit } from '../../src/log/commit.ts';
import type { CommitDraft, Operation, RequestContext } from '../../src/operation/operation.ts';
import { findOperation } from '../../src/operation/registry.ts';
import type { ValueForm } from '../../src/operation/request.ts';
import { checkInput } from '../../src/shape/check.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { plainReader } from '../../src/value/plain.ts';
import { wireReader } from '../../src/value/wire.ts';
import { MapReader } from './map-reader.ts';

export class World {
  readonly reader: MapReader = new MapReader();
  nowMs = 1_700_000_000_000;
  collectionBytesMax = collectionBytesMax;
  /** Who commits, as far as records of streams tell. */
  caller: CallerKind = 'user';
  #seed = 1;
  #sequence = 0;

  /** The output, items as Items or StoredItems; throws the DynamoError. */
  run(name: string, input: unknown, form: ValueForm = 'json'): Record<string, unknown> {
    const row = findOperation(name);
    if (row === undefined) throw new Error(`no operation ${name}`);
    return this.runRow(row, input, form);
  }

  runRow(row: Operation, input: unknown, form: ValueForm): Record<string, unknown> {
    this.#seed += 1;
    const seed = this.#seed;
    const context: RequestContext = {
      caller: { kind: row.internal ? 'engine' : 'user', principal: '' },
      nowMs: this.nowMs,
      region: 'local',
      account: '000000000000',
      endpoint: 'localhost:8000',
      values: form === 'plain' ? plainReader : wireReader,
      random: () => prng(seed),
      collectionBytesMax: this.collectionBytesMax,
      tableDurability: () => undefined,
    };
    const checked = row.check(checkInput(row.input, input, form), context);
    const catalog = createCatalog(this.reader);
    const deeper = { ...context, catalog, reader: this.reader };
    const effect = row.decide(row.plan(checked, deeper), deeper);
    for (const draft of effect.commits ?? []) this.#apply(draft);
    return effect.output as Record<string, unknown>;
  }

  /** With the records of streams, as a layer of the tail makes them. */
  #apply(draft: CommitDraft): void {
    this.#sequence += 1;
    const commit: Commit = {
      ...draft,
      sequence: this.#sequence,
      stamp: { ms: this.nowMs, counter: 0, replica: new Uint8Array(16) },
      transaction: 0,
      transactionEnd: true,
      caller: this.caller,
    };
    this.reader.apply(draft.mutations);
    for (const mutation of draft.mutations) {
      if (mutation.recorded === undefined) continue;
      const { tree, images } = mutation.recorded;
      const { key, value, size } = changeRecord(commit, mutation, images);
      this.reader.apply([{ tree, key, value, sizeBefore: undefined, sizeAfter: size }]);
    }
  }
}
