import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BoundCondition, bindCondition, type Operand } from '../../src/expression/bind.ts';
import { parseCondition, parsePath } from '../../src/partiql/condition-parser.ts';
import { TokenReader } from '../../src/partiql/token-reader.ts';
import type { Value } from '../../src/value/value.ts';
import { printCondition } from './printer.ts';

function conditionOf(text: string): BoundCondition {
  const reader = new TokenReader(text);
  const node = parseCondition(reader);
  reader.assertDone();
  return bindCondition('Statement', node, { names: reader.names, values: reader.literals });
}

const path = fc
  .tuple(
    fc.constantFrom('a', 'from', '#n', ':v', 'é"', 'x.y'),
    fc.array(fc.oneof(fc.constantFrom('b', "it's"), fc.nat({ max: 9 })), { maxLength: 3 }),
  )
  .map(([root, steps]): Operand => ({ type: 'path', path: [root, ...steps] }));
const literal = fc
  .oneof(
    fc.string({ maxLength: 5 }).map((value): Value => ({ type: 'S', value: value.toWellFormed() })),
    fc.integer().map((value): Value => ({ type: 'N', value: String(value) })),
  )
  .map((value): Operand => ({ type: 'literal', value }));
const size = path.map((of): Operand => ({ type: 'size', of }) as Operand);
const right = fc.oneof(literal, size);

const { condition } = fc.letrec<{ condition: BoundCondition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      type: fc.constant('compare' as const),
      operator: fc.constantFrom('=' as const, '<>' as const, '<' as const, '>=' as const),
      left: path,
      right,
    }),
    fc.record({
      type: fc.constant('between' as const),
      operand: path,
      lower: size,
      upper: literal,
    }),
    fc.record({
      type: fc.constant('in' as const),
      operand: path,
      candidates: fc.array(right, { minLength: 1, maxLength: 4 }),
    }),
    path.map((each): BoundCondition => {
      const steps = each.type === 'path' ? each.path : [];
      return { type: 'attribute_exists', path: steps };
    }),
    fc.record({
      type: fc.constant('attribute_type' as const),
      operand: path,
      expected: fc.constantFrom('S' as const, 'NULL' as const),
    }),
    fc.record({ type: fc.constant('contains' as const), operand: path, part: literal }),
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('condition'), { minLength: 2, maxLength: 4 }),
    }),
    tie('condition').map((operand): BoundCondition => ({ type: 'not', operand })),
  ),
}));

describe('a condition', () => {
  test('of every form is read as what was printed', () => {
    fc.assert(
      fc.property(condition, (each) => {
        expect(conditionOf(printCondition(each))).toEqual(each);
      }),
      { numRuns: 500 },
    );
  });

  // Each says the same as the other.
  test.each<[string, string]>([
    ['a IS NULL', "attribute_type(a, 'NULL')"],
    ['a IS NOT NULL', "NOT attribute_type(a, 'NULL')"],
    ['a IS MISSING', 'attribute_not_exists(a)'],
    ['a IS NOT MISSING', 'attribute_exists(a)'],
    ['a IS TUPLE', "attribute_type(a, 'M')"],
    ['a != 1', 'a <> 1'],
    ['a NOT IN (1, 2)', 'NOT a IN [1, 2]'],
    ['a NOT BETWEEN 1 AND 2', 'NOT (a BETWEEN 1 AND 2)'],
    ['a = 1 AND b = 2 OR c = 3', '(a = 1 AND b = 2) OR (c = 3)'],
    ['NOT a = 1 AND b = 2', '(NOT (a = 1)) AND b = 2'],
    ['NOT NOT NOT a = 1', 'NOT a = 1'],
    ["a['b'].c[0] = 1", '"a"."b"."c"[0] = 1'],
  ])('%s is %s', (one, two) => {
    expect(conditionOf(one)).toEqual(conditionOf(two));
  });

  test.each([
    'a = ',
    'a BETWEEN 1',
    'a BETWEEN 1 OR 2',
    'a IN 1',
    'a IN [1',
    'a IN [1)',
    '(a = 1',
    'a = (b =)',
    `a${' = b'.repeat(2000)}`,
    `${'a IN ('.repeat(1000)}b`,
    'a[b] = 1',
    'a[1.5] = 1',
    'a. = 1',
    'a LIKE 1',
    'AND',
    'a = 1 AND OR',
    `${'('.repeat(4000)}a = 1`,
    `${'size('.repeat(1500)}a`,
  ])('%s is not well formed', (text) => {
    expect(() => conditionOf(text)).toThrow("Statement wasn't well formed");
  });

  test('of a thousand parts nests no deeper for it', () => {
    const text = Array.from({ length: 1000 }, () => 'a = 1').join(' AND ');
    expect(conditionOf(`${'NOT '.repeat(2000)}${text}`)).toMatchObject({ type: 'and' });
  });
});

describe('a path', () => {
  test.each<[string, string | undefined]>([
    ['a.b[0]', undefined],
    ['a."".c', 'Path component cannot be an empty string'],
    ['a[-1]', 'List index is not within the allowable range; index: [-1] at 1:4:1'],
    ['a[- - 1]', undefined],
    [`a${'.a'.repeat(32)}`, 'The document path has too many nesting levels; nesting levels: 33'],
  ])('%s', (text, fault) => {
    const reader = new TokenReader(text);
    parsePath(reader);
    reader.assertDone();
    expect(reader.fault).toBe(fault);
  });

  test('names an attribute as it is stored: half of a pair of units is none', () => {
    const reader = new TokenReader(`"a\ud800".b['\udc00'][1]`);
    expect(parsePath(reader).steps).toEqual(['a\ufffd', 'b', '\ufffd', 1]);
  });
});
