/**
 * Attribute values of every type, mostly plain, some at a limit, few invalid.
 *
 * The pools are small, so that equal values, prefixes and overlapping sets meet often.
 */
import type { Chance, Json } from './chance.ts';

const texts = [
  '',
  'a',
  'b',
  'ab',
  'abc',
  'b',
  'Z',
  'é',
  '\u{1f600}',
  '\uff61',
  'S',
  'N',
  '10',
  '1',
];
const numbers = [
  ...[
    '0',
    '1',
    '2',
    '3',
    '10',
    '-1',
    '-2',
    '1.5',
    '0.1',
    '-0.10',
    '1e3',
    '1000',
    '+1',
    '01',
    '1.0',
  ],
  ...['-0', '.5', '9007199254740993', '1E-130', '-1E-130', '1e125'],
  ...['9.9999999999999999999999999999999999999E+125', '12345678901234567890123456789012345678'],
  ...['0.00000000000000000000000000000000000000012345678901234567890123456789012345678'],
];
const few = ['0', '1', '2', '3', '-1', '1.5', '1000'];
const badNumbers = ['', 'foo', ' 1', 'NaN', '0x1', '1e126', '1e-131', '1'.repeat(39), '1_0', '--1'];
const binaries = ['', 'AA==', 'AAE=', 'YQ==', 'YWI=', '/w==', '//8='];

export type KeyType = 'S' | 'N' | 'B';

/** Keys are mostly these: so that what is asked for is often there. */
const usualKeys: Readonly<Record<KeyType, readonly string[]>> = {
  S: ['a', 'ab', 'b'],
  N: ['1', '1.5', '2'],
  B: ['YQ==', 'YWI=', '/w=='],
};

export function keyValue(chance: Chance, type: KeyType): Json {
  if (chance.chance(0.006)) return emptyOrLong(chance, type);
  if (chance.chance(0.75)) return { [type]: chance.pick(usualKeys[type]) };
  if (type === 'S') return { S: chance.pick(texts.slice(1)) };
  if (type === 'N') return { N: chance.pick(numbers) };
  return { B: chance.pick(binaries.slice(1)) };
}

/** Two keys that are not one. */
export function unlikeKeys(chance: Chance, type: KeyType): readonly [Json, Json] {
  const at = chance.below(3);
  const [one, two] = [usualKeys[type][at], usualKeys[type][(at + 1) % 3]];
  return [{ [type]: one }, { [type]: two }];
}

function emptyOrLong(chance: Chance, type: KeyType): Json {
  const length = chance.pick([0, 1024, 1025, 2048, 2049]);
  if (type === 'N') return { N: chance.pick(badNumbers) };
  return { [type]: type === 'S' ? 'k'.repeat(length) : Buffer.alloc(length).toString('base64') };
}

/** Mostly of the type that an attribute of this name has: so that updates often succeed. */
export function likely(chance: Chance, attribute: string): Json {
  if (chance.chance(0.25)) return value(chance);
  switch (attribute) {
    case 'a':
      return { N: chance.pick(numbers) };
    case 'b':
      return { S: chance.pick(texts) };
    case 'c':
      return chance.chance(0.7) ? { SS: distinct(chance, texts) } : { NS: distinct(chance, few) };
    case 'd':
      return { L: chance.times(0, 4, () => value(chance, 2)) };
    default: {
      const inner = {
        y: { L: [value(chance, 2), value(chance, 2)] },
        z: { M: members(chance, 2) },
      };
      return { M: { x: { N: chance.pick(numbers) }, ...(chance.chance(0.5) && inner) } };
    }
  }
}

export function value(chance: Chance, depth = 0): Json {
  if (chance.chance(0.004)) return badValue(chance);
  if (depth === 0 && chance.chance(0.004)) return deep(chance);
  const flat = depth >= 3;
  return chance.weigh<Json>([
    [8, () => ({ S: chance.chance(0.01) ? 'x'.repeat(chance.below(9000)) : chance.pick(texts) })],
    [9, () => ({ N: chance.pick(numbers) })],
    [2, () => ({ B: chance.pick(binaries) })],
    [2, () => ({ BOOL: chance.chance(0.5) })],
    [1, () => ({ NULL: true })],
    [2, () => ({ SS: distinct(chance, texts) })],
    [2, () => ({ NS: distinct(chance, few) })],
    [1, () => ({ BS: distinct(chance, binaries) })],
    [flat ? 0 : 4, () => ({ L: chance.times(0, 4, () => value(chance, depth + 1)) })],
    [flat ? 0 : 5, () => ({ M: members(chance, depth + 1) })],
  ]);
}

function members(chance: Chance, depth: number): Json {
  const entries = chance.times(0, 3, () => [chance.pick(['x', 'y', 'z']), value(chance, depth)]);
  return Object.fromEntries(entries) as Json;
}

function distinct(chance: Chance, pool: readonly string[]): readonly string[] {
  return [...new Set(chance.times(1, 3, () => chance.pick(pool)))];
}

/** Nested as deep as an item may be, or one level more. */
function deep(chance: Chance): Json {
  const levels = chance.pick([31, 32, 33]);
  let made: Json = { N: '1' };
  for (let level = 0; level < levels; level += 1) {
    made = chance.chance(0.5) ? { L: [made] } : { M: { x: made } };
  }
  return made;
}

export function badValue(chance: Chance): Json {
  return chance.pick<Json>([
    {},
    { S: 'a', N: '1' },
    { NULL: false },
    { SS: [] },
    { NS: [] },
    { BS: [] },
    { SS: ['a', 'a'] },
    { NS: ['1', '1.0'] },
    { BS: ['YQ==', 'YQ=='] },
    { X: 'a' },
    { N: chance.pick(badNumbers) },
    { NS: ['1', chance.pick(badNumbers)] },
    { L: [{}] },
    { M: { x: { N: chance.pick(badNumbers) } } },
  ]);
}
