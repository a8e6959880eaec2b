/** Values of every shape, for property tests. */
import * as fc from 'fast-check';
import { parseDecimal } from '../../src/value/decimal.ts';
import { binarySet, numberSet, stringSet } from '../../src/value/set.ts';
import { compareText, wellFormed } from '../../src/value/text.ts';
import type { Item, Value } from '../../src/value/value.ts';

/** Canonical numbers: digits and a power of ten, over all of DynamoDB's range. */
export const decimal: fc.Arbitrary<string> = fc
  .tuple(
    fc.boolean(),
    fc.oneof(fc.bigInt(0n, 999n), fc.bigInt(0n, 10n ** 17n), fc.bigInt(0n, 10n ** 38n - 1n)),
    fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -130, max: 88 })),
  )
  .map(([negative, digits, power]) => parseDecimal(`${negative ? '-' : ''}${digits}e${power}`));

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', '\0', 'é', 'ｱ', '😀', '\ud800', '\udc00', '\ufeff') }),
);
/** As a reader lets it in. */
export const storedText: fc.Arbitrary<string> = text.map(wellFormed);
export const bytes: fc.Arbitrary<Uint8Array> = fc
  .uint8Array({ maxLength: 12 })
  .map((array) => new Uint8Array(array));

const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'id', 'é', '0', '😀'),
  storedText.filter((each) => each !== ''),
);

const scalar: fc.Arbitrary<Value> = fc.oneof(
  storedText.map((value): Value => ({ type: 'S', value })),
  decimal.map((value): Value => ({ type: 'N', value })),
  bytes.map((value): Value => ({ type: 'B', value })),
  fc.boolean().map((value): Value => ({ type: 'BOOL', value })),
  fc.constant<Value>({ type: 'NULL', value: true }),
);
const set: fc.Arbitrary<Value> = fc.oneof(
  fc.uniqueArray(storedText, { minLength: 1, maxLength: 5 }).map(stringSet),
  fc.uniqueArray(decimal, { minLength: 1, maxLength: 5 }).map(numberSet),
  fc
    .uniqueArray(bytes, { minLength: 1, maxLength: 5, selector: (each) => each.join() })
    .map(binarySet),
);

export const { value, item }: { value: fc.Arbitrary<Value>; item: fc.Arbitrary<Item> } = fc.letrec<{
  value: Value;
  item: Item;
}>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    set,
    fc
      .array(tie('value'), { maxLength: 4 })
      .map((elements): Value => ({ type: 'L', value: elements })),
    tie('item').map((members): Value => ({ type: 'M', value: members })),
  ),
  item: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 6 })
    .map((entries): Item => new Map(entries)),
}));

/** The same item with its attributes in the order a decoder has them, all the way down. */
export function inNameOrder(given: Item): Item {
  const entries = [...given].map(([key, each]) => [key, inOrder(each)] as const);
  return new Map(entries.sort(([a], [b]) => compareText(a, b)));
}

function inOrder(given: Value): Value {
  if (given.type === 'M') return { type: 'M', value: inNameOrder(given.value) };
  return given.type === 'L' ? { type: 'L', value: given.value.map(inOrder) } : given;
}
