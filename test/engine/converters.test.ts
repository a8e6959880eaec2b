import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { converters } from '../../src/engine/converters.ts';
import { formatOf, metaFormat } from '../../src/pager/meta.ts';
import { metaKey } from '../../src/port/store.ts';
import { unpacked } from '../golden/make.ts';
import { ask, openRig, put } from '../support/engine.ts';
import { readStream } from '../support/streams.ts';

describe('the converters of this release', () => {
  test('lead from the first format to the present one, a number at a time', () => {
    const steps = converters.map(({ from, to }) => [from, to]);
    const formats = Array.from({ length: metaFormat - 1 }, (_, at) => [at + 1, at + 2]);
    expect(steps).toEqual(formats);
  });

  test('1 to 2 gives the meta record its number, and leaves everything else as it is', async () => {
    const disk = unpacked(readFileSync(new URL('../golden/store-1.gz', import.meta.url)));
    const old = disk.spaces.meta.get(metaKey) ?? new Uint8Array();
    const [converter] = converters;
    const next = converter?.meta(old) ?? new Uint8Array();
    expect([formatOf(old), formatOf(next)]).toEqual([1, 2]);
    expect(next.subarray(10)).toEqual(old.subarray(10));
    const store = { get: () => Promise.reject(), scan: () => Promise.reject() };
    expect(await converter?.slice({ store, cursor: new Uint8Array(), head: 1 })).toEqual({
      records: 0,
      next: undefined,
    });
  });

  test('each gives the meta record its number alone', () => {
    let meta =
      unpacked(readFileSync(new URL('../golden/store-1.gz', import.meta.url))).spaces.meta.get(
        metaKey,
      ) ?? new Uint8Array();
    for (const { to, meta: convert } of converters) {
      const next = convert(meta);
      expect(formatOf(next)).toBe(to);
      expect(next.subarray(10)).toEqual(meta.subarray(10));
      meta = next;
    }
  });

  test('all of them together make of format 1 a store that records changes', async () => {
    const disk = unpacked(readFileSync(new URL('../golden/store-1.gz', import.meta.url)));
    const rig = await openRig({ disk });
    expect(rig.engine.status().converted).toMatchObject({ to: metaFormat });
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
    await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification });
    await put(rig, 'new');
    const { Streams } = await ask(rig, 'ListStreams');
    const [stream] = Streams as readonly { readonly StreamArn: string }[];
    const records = await readStream(
      (name, input) => ask(rig, name, input),
      stream?.StreamArn ?? '',
    );
    expect(records).toHaveLength(1);
  });
});
