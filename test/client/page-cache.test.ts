import { describe, expect, test } from 'vitest';
import { keptFreshMs, keptItemBytesMax, missesMax, soughtOf } from '../../src/base/page-limits.ts';
import type { CallOptions, Wanted } from '../../src/client/connection.ts';
import { ItemCache } from '../../src/client/page-cache.ts';
import type { ValueForm } from '../../src/operation/request.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { ItemDecoder } from '../../src/value/decode.ts';

function world(bytesMax = 1_000_000) {
  let nowMs = 0;
  const cache = new ItemCache(ItemDecoder, bytesMax, () => nowMs);
  const want = (input: unknown, form: ValueForm = 'plain', options: CallOptions = {}) => {
    return cache.want(input, form, options);
  };
  return {
    cache,
    want,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Asks for `id` and takes an item of that id in as the answer. */
    read: (id: string, tag: number, filler = 0, form: ValueForm = 'plain') => {
      const wanted = want(inputOf(id, form), form);
      if (wanted?.output !== undefined) return false;
      cache.keep(wanted as Wanted, tag, bytesOf(id, filler));
      return true;
    },
    find: (id: string, form: ValueForm = 'plain') => want(inputOf(id, form), form)?.output,
  };
}

function inputOf(id: string, form: ValueForm): object {
  return { TableName: 'T', Key: { id: form === 'plain' ? id : { S: id } } };
}

function bytesOf(id: string, filler: number): Uint8Array {
  return encodeItem(
    new Map([
      ['id', { type: 'S', value: id }],
      ['x', { type: 'S', value: 'x'.repeat(filler) }],
    ]),
  );
}

describe('the items that a page keeps', () => {
  test('a read that was answered is known, in its own form', () => {
    const { read, find } = world();
    expect(read('a', 7)).toBe(true);
    expect(find('a')).toEqual({ Item: { id: 'a', x: '' } });
    expect(find('a', 'wire')).toBeUndefined();
    expect(read('a', 7, 0, 'wire')).toBe(true);
    expect(find('a', 'wire')).toEqual({ Item: { id: { S: 'a' }, x: { S: '' } } });
  });

  test('every answer is an object of its own', () => {
    const { read, find } = world();
    read('a', 7);
    const first = find('a') as { Item: { id: string } };
    first.Item.id = 'changed';
    expect(find('a')).toEqual({ Item: { id: 'a', x: '' } });
  });

  test('what is told to be forgotten is, in every form, and nothing else', () => {
    const { cache, read, find } = world();
    read('a', 7);
    read('a', 7, 0, 'wire');
    read('b', 8);
    cache.forget([7, 99]);
    expect([find('a'), find('a', 'wire')]).toEqual([undefined, undefined]);
    expect(find('b')).toBeDefined();
    cache.forget('all');
    expect(find('b')).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  test('two keys of one tag are two items', () => {
    const { cache, read, find } = world();
    read('a', 7);
    read('b', 7);
    expect(find('a')).toMatchObject({ Item: { id: 'a' } });
    expect(find('b')).toMatchObject({ Item: { id: 'b' } });
    cache.forget([7]);
    expect([find('a'), find('b'), cache.size]).toEqual([undefined, undefined, 0]);
  });

  test('what was asked for twice at once is kept once', () => {
    const { cache, want, find } = world();
    const both = [1, 2].map(() => want(inputOf('a', 'plain')) as Wanted);
    cache.keep(both[0] as Wanted, 7, bytesOf('a', 0));
    const { bytes } = cache;
    cache.keep(both[1] as Wanted, 7, bytesOf('a', 0));
    expect([cache.size, cache.bytes]).toEqual([1, bytes]);
    cache.forget([7]);
    expect([find('a'), cache.bytes]).toEqual([undefined, 0]);
  });

  test('what the worker gave no tag is not kept', () => {
    const { cache, want, find } = world();
    const wanted = want(inputOf('a', 'plain')) as Wanted;
    cache.keep(wanted, 0, bytesOf('a', 0));
    cache.keep(wanted, undefined, bytesOf('a', 0));
    expect(find('a')).toBeUndefined();
  });

  test('nothing is answered once the worker was not heard for a while', () => {
    const { read, find, pass } = world();
    read('a', 7);
    pass(keptFreshMs);
    expect(find('a')).toBeDefined();
    pass(1);
    expect(find('a')).toBeUndefined();
    // Another item's answer shows what the worker knows of all.
    read('b', 8);
    expect(find('a')).toBeDefined();
  });

  test('the time counts from when the answered read was asked for', () => {
    const { cache, want, find, pass } = world();
    const wanted = want(inputOf('a', 'plain')) as Wanted;
    pass(keptFreshMs + 1);
    cache.keep(wanted, 7, bytesOf('a', 0));
    expect(find('a')).toBeUndefined();
  });

  test('the bytes stay within the bound; those that are read again stay longest', () => {
    const { cache, read, find } = world(20_000);
    for (let id = 0; id < 10; id += 1) read(`${id}`, id + 1, 100);
    for (let id = 0; id < 5; id += 1) find(`${id}`);
    for (let id = 10; id < 400; id += 1) {
      read(`${id}`, id + 1, 100);
      find('0');
      expect(cache.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(find('0')).toBeDefined();
    expect(find('9')).toBeUndefined();
    expect(cache.size).toBeGreaterThan(20);
  });

  test('where nothing is read again, few reads are looked for until one was kept', () => {
    const { cache, read, want, find } = world();
    read('a', 7);
    const wanted = (from: number, count: number): number => {
      const each = Array.from({ length: count }, (_, at) => want(inputOf(`${from + at}`, 'plain')));
      return each.filter((one) => one !== undefined).length;
    };
    expect(find('a')).toBeDefined();
    expect(wanted(0, missesMax)).toBe(missesMax);
    expect(wanted(missesMax, 10 * soughtOf)).toBe(10);
    const asked = Array.from({ length: soughtOf }, () => find('a'));
    expect(asked.filter((one) => one !== undefined)).toHaveLength(1);
    expect([find('a'), cache.size]).toEqual([{ Item: { id: 'a', x: '' } }, 1]);
    expect(wanted(0, 10)).toBe(10);
  });

  test('an item that was pushed out of the midst of a tag leaves the others', () => {
    const { cache, read, find } = world(4000);
    for (const id of ['a', 'b', 'c']) read(id, 7);
    find('a');
    find('c');
    // The clock's hand passes a, and takes b.
    for (let id = 0; id < 12; id += 1) {
      read(`new${id}`, 100 + id, 200);
      find('a');
      find('c');
    }
    expect(find('b')).toBeUndefined();
    expect([find('a'), find('c')]).toMatchObject([{ Item: { id: 'a' } }, { Item: { id: 'c' } }]);
    cache.forget([7]);
    expect([find('a'), find('c')]).toEqual([undefined, undefined]);
    expect(cache.bytes).toBeLessThanOrEqual(4000);
  });

  test('a very large item is not kept', () => {
    const { read, cache } = world(100_000_000);
    read('a', 7, keptItemBytesMax + 1);
    expect(cache.size).toBe(0);
  });

  test.each([
    ['another member', { TableName: 'T', Key: { id: 'a' }, ConsistentRead: true }, {}],
    ['capacity', { TableName: 'T', Key: { id: 'a' }, ReturnConsumedCapacity: 'TOTAL' }, {}],
    ['a key of bytes', { TableName: 'T', Key: { id: new Uint8Array([1]) } }, {}],
    ['a key of another kind', { TableName: 'T', Key: { id: { S: 'a' } } }, {}],
    ['no key', { TableName: 'T' }, {}],
    ['no table', { Key: { id: 'a' } }, {}],
    ['no input', undefined, {}],
    ['a consistency', { TableName: 'T', Key: { id: 'a' } }, { consistency: 'strong' }],
    ['hidden items', { TableName: 'T', Key: { id: 'a' } }, { hideExpired: true }],
  ] as const)('a read with %s goes its way', (_, input, options) => {
    expect(world().want(input, 'plain', options)).toBeUndefined();
  });

  test.each([
    ['two types', { S: 'a', N: '1' }],
    ['none', {}],
    ['bytes', { B: new Uint8Array([1]) }],
  ])('an attribute value of %s goes its way', (_, value) => {
    expect(world().want({ TableName: 'T', Key: { id: value } }, 'wire')).toBeUndefined();
  });

  test('no two inputs that differ are taken for one', () => {
    const keys = [
      ...[{ a: 'x' }, { a: 1 }, { a: '1' }, { a: '' }, { '': 'a' }, { a: 'n1' }, { a: 's1' }],
      ...[{ a: 'b', c: 'd' }, { a: 'b1:c2:sd' }, { 'a1:': 'b' }, { a: '1:b', c: '' }, { ab: 'x' }],
      ...[{ a: 'x', b: 1 }, { a: 'x', b: '1' }, { a: 12 }, { a: 1, b: 2 }, { a: '12' }, { a: 1.5 }],
    ];
    const inputs = [
      ...keys.map((Key) => [{ TableName: 'T', Key }, 'plain'] as const),
      ...keys.map((Key) => [{ TableName: 'T1', Key }, 'plain'] as const),
      [{ TableName: 'T', Key: { a: { S: 'x' } } }, 'wire'] as const,
      [{ TableName: 'T', Key: { a: { N: '1' } } }, 'wire'] as const,
      [{ TableName: 'T', Key: { a: { S: '1' } } }, 'wire'] as const,
      [{ TableName: 'T', Key: { a: { S: '1' } } }, 'json'] as const,
      [{ TableName: 'T', Key: { a: { B: '1' } } }, 'json'] as const,
    ];
    const { cache, want } = world();
    inputs.forEach(([input, form], at) => {
      expect(want(input, form)?.output, JSON.stringify(input)).toBeUndefined();
      cache.keep(want(input, form) as Wanted, at + 1, bytesOf(`${at}`, 0));
      expect(want(input, form)?.output).toBeDefined();
    });
  });
});
