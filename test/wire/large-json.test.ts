import { describe, expect, test } from 'vitest';
import {
  jsonDepthMax,
  jsonElementsMax,
  jsonNamesMax,
  jsonSliceChars,
} from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import { type LargeJson, readInSlices } from '../../src/wire/large-json.ts';

/** What is read, and in how many slices. */
function read(text: string, ...chars: number[]): { readonly json: LargeJson; slices: number } {
  const reading = readInSlices(text, ...chars);
  for (let slices = 1; ; slices += 1) {
    const step = reading.next();
    if (step.done) return { json: step.value, slices };
  }
}

function parsed(text: string): LargeJson {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Both readings as texts, so that the order of members counts, and `__proto__` is a member. */
function shown(json: LargeJson): string {
  return json === undefined || json === 'vast' ? String(json) : JSON.stringify(json.value);
}

const texts = [
  '',
  ' ',
  '1',
  ' "a" ',
  'null x',
  '{}',
  '[]',
  ' [ ] ',
  '[1,2,3]',
  '[1,2,3,]',
  '[,1]',
  '[1,,2]',
  '[1 2]',
  '[1]]',
  '[[1]',
  '[1}',
  '{"a":1]',
  '{"a":{"b":[1,{"c":"d,e]}"},[]]},"f":"\\"","g":"\\\\"}',
  '{"a":1,"a":2,"b":{"c":3},"b":[4]}',
  '{"__proto__":{"a":[1,2]},"constructor":1}',
  '{"2":[1,2],"1":[3],"x":0}',
  '{"a" : [ 1 , 2 ] , "b" : { } }',
  '{"a":[1,2]x,"b":1}',
  '{"a"x:[1,2],"b":1}',
  '{"a":x[1,2],"b":1}',
  '{a:[1,2],"b":1}',
  '{1:[1,2],"b":1}',
  '{"a":[1,2],}',
  '{"a":[1,2] "b":1}',
  '{"a":[1,2]"b":1}',
  '{"a":1:2,"b":[1,2]}',
  '{"a","b"}',
  '{"a":[1,2][3,4]}',
  '{[1,2]}',
  '{"a":{"b":1}{"c":2},"d":3}',
  '[[1,2][3,4]]',
  '[[1,2],[3,4]] x',
  'x [[1,2],[3,4]]',
  '[[1,2],[3,4]],',
  '"a","b"',
  '["a\u0001b",[1,2]]',
  '["\\x"]',
  '["unterminated',
  '["unterminated\\"',
  '[1,2',
  '[tru,e]',
  '[1.,2]',
  '[01]',
  '[\u00a01,2]',
  '[\u2028"\u2028"]',
];

describe('JSON read in slices is what JSON.parse reads', () => {
  test.each(texts)('%j', (text) => {
    for (const piece of [0, 1, 2, 3, 5, 1000]) {
      for (const slice of [1, 2, 7, 1000]) {
        expect(shown(read(text, slice, piece).json)).toBe(shown(parsed(text)));
      }
    }
  });

  test('of texts from a seed, and of what is left of them when something is changed', () => {
    const random = prng(7);
    const below = (count: number): number => random.u32() % count;
    const leaves = ['1', '-2.5e3', '"a"', '"\\"],{"', '"\\\\"', 'null', 'true', '""', '"é😀"'];
    const blank = (): string => ['', '', ' ', '\n\t'][below(4)] as string;
    const make = (depth: number): string => {
      const kind = depth === 0 ? 2 : below(4);
      if (kind > 1) return leaves[below(leaves.length)] as string;
      const members = Array.from({ length: below(6) }, () => {
        const name =
          kind === 0 ? '' : `${blank()}"${['a', 'b', '__proto__', '1', 'c'][below(5)]}":`;
        return `${name}${blank()}${make(depth - 1)}${blank()}`;
      });
      return kind === 0 ? `[${members.join(',')}]` : `{${members.join(',')}}`;
    };
    let broken = 0;
    for (let round = 0; round < 3000; round += 1) {
      let text = make(5);
      if (round % 2 === 1) {
        const at = below(text.length);
        const other = '{}[],:"\\ 1x'[below(11)] as string;
        text = text.slice(0, at) + other + text.slice(at + below(3));
      }
      const expected = shown(parsed(text));
      if (expected === 'undefined') broken += 1;
      const { json } = read(text, 1 + below(20), below(12));
      expect(shown(json), text).toBe(expected);
    }
    expect(broken).toBeGreaterThan(500);
  });
});

describe('a large text', () => {
  const long = (count: number): string => `{"a":[${'{"S":"x"},'.repeat(count)}{}]}`;

  test('is read in slices of a bounded length', () => {
    const text = long(400_000);
    const { json, slices } = read(text);
    expect(slices).toBe(Math.ceil(text.length / jsonSliceChars));
    const { value } = json as { value: { a: unknown[] } };
    expect(value.a).toHaveLength(400_001);
  });

  test.each([
    ['a list', `[${'0,'.repeat(jsonElementsMax)}0]`, `[${'0,'.repeat(jsonElementsMax - 1)}0]`],
    [
      'an object',
      `{${Array.from({ length: jsonNamesMax + 1 }, (_, at) => `"${at}":0`).join(',')}}`,
      `{${Array.from({ length: jsonNamesMax }, (_, at) => `"${at}":0`).join(',')}}`,
    ],
    [
      'all together',
      `[${`[${'[],'.repeat(400_000)}0],`.repeat(10)}0]`,
      `[${`[${'[],'.repeat(400_000)}0],`.repeat(9)}0]`,
    ],
  ])('of more members than a request can have is given up: %s', (_, vast, allowed) => {
    expect(read(vast).json).toBe('vast');
    expect(read(allowed).json).toHaveProperty('value');
  });

  test('that is deeper than JSON is read is none', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(read(nested(jsonDepthMax + 1)).json).toBeUndefined();
    expect(read(nested(jsonDepthMax)).json).toHaveProperty('value');
  });
});
