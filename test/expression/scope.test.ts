import { describe, expect, test } from 'vitest';
import { checkDefined, resolvePath, resolveValue } from '../../src/expression/scope.ts';
import { refusalOf, value } from './fixture.ts';

const scope = {
  names: new Map([
    ['#a', 'x.y[0]'],
    ['#proto', '__proto__'],
  ]),
  values: new Map([[':v', value(1)]]),
};
const noName =
  'Invalid UpdateExpression: An expression attribute name used in the document path ' +
  'is not defined; attribute name: ';
const noValue =
  'Invalid UpdateExpression: An expression attribute value used in expression is not defined; ' +
  'attribute value: ';

test('a placeholder is one whole step, whatever its text', () => {
  const path = { type: 'path', steps: ['#a', 'b', 3, '#proto'] } as const;
  expect(resolvePath('Update', path, scope)).toEqual(['x.y[0]', 'b', 3, '__proto__']);
});

test('what is not defined is refused', () => {
  const path = { type: 'path', steps: ['a', '#b'] } as const;
  expect(refusalOf(() => resolvePath('Update', path, scope))).toBe(`${noName}#b`);
  const node = { type: 'value', placeholder: ':w' } as const;
  expect(refusalOf(() => resolveValue('Update', node, scope))).toBe(`${noValue}:w`);
});

describe('all placeholders', () => {
  test.each([
    [['#a'], [':v'], 'no refusal'],
    [['#a', '#b', '#c'], [':w'], `${noName}#b`],
    [['#a'], [':v', ':w'], `${noValue}:w`],
  ])('%j and %j: %s', (names, values, message) => {
    const used = { names: new Set(names), values: new Set(values) };
    expect(refusalOf(() => checkDefined('Update', used, scope))).toBe(message);
  });
});
