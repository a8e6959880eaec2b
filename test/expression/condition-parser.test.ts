import { describe, expect, test } from 'vitest';
import { operatorsMax } from '../../src/base/limits.ts';
import type { ConditionNode, OperandNode } from '../../src/expression/ast.ts';
import { parseConditionText } from '../../src/expression/condition-parser.ts';
import { refusalOf } from './fixture.ts';

/** The tree with every parenthesis that it implies. */
function show(node: ConditionNode | OperandNode): string {
  switch (node.type) {
    case 'and':
    case 'or':
      return `(${node.operands.map(show).join(` ${node.type} `)})`;
    case 'not':
      return `!${show(node.operand)}`;
    case 'compare':
      return `${show(node.left)}${node.operator}${show(node.right)}`;
    case 'between':
      return `${show(node.operand)} in ${show(node.lower)}..${show(node.upper)}`;
    case 'in':
      return `${show(node.operand)} in {${node.candidates.map(show).join()}}`;
    case 'call':
      return `${node.name}(${node.args.map(show).join()})`;
    case 'path':
      return node.steps.join('/');
    case 'value':
      return node.placeholder;
    case 'sum':
    case 'test':
      return 'never';
  }
}

describe('a condition', () => {
  test.each([
    ['a = :v', 'a=:v'],
    ['a=:v and b<>:w Or c<:x', '((a=:v and b<>:w) or c<:x)'],
    ['a=:v OR b=:w AND c=:x', '(a=:v or (b=:w and c=:x))'],
    ['NOT a = :v AND b = :w', '(!a=:v and b=:w)'],
    ['NOT NOT a = :v', '!!a=:v'],
    ['NOT (a = :v AND b = :w)', '!(a=:v and b=:w)'],
    ['a BETWEEN :l AND :u AND b = :v', '(a in :l..:u and b=:v)'],
    ['a IN (:v)', 'a in {:v}'],
    ['a in (:v, b, size(c))', 'a in {:v,b,size(c)}'],
    ['((a = :v) AND b = :w)', '(a=:v and b=:w)'],
    ['(a) = (:v)', 'a=:v'],
    ['size (a) > size(b)', 'size(a)>size(b)'],
    ['attribute_exists(a.b[3])', 'attribute_exists(a/b/3)'],
    ['begins_with(a, :v) AND contains(:l, b)', '(begins_with(a,:v) and contains(:l,b))'],
  ])('%j is read as %s', (text, tree) => {
    expect(show(parseConditionText('Condition', text).root)).toBe(tree);
  });

  test('says which placeholders it uses', () => {
    const tree = parseConditionText('Condition', '#a.#b = :v OR :w IN (#a, :v)');
    expect([...tree.names]).toEqual(['#a', '#b']);
    expect([...tree.values]).toEqual([':v', ':w']);
  });
});

describe('a syntax error', () => {
  test.each([
    'a',
    'a AND b',
    ':v',
    'a =',
    '= a',
    'a = :v b = :w',
    'a = :v AND',
    'a = :v OR OR b = :w',
    'NOT',
    'NOT a',
    '(a = :v',
    'a = :v)',
    '()',
    'a IN ()',
    'a IN :v',
    'a IN (:v,)',
    'a BETWEEN :v',
    'a BETWEEN :v OR :w',
    'a = b = c',
    '(a = b) = c',
    'a = (b = c)',
    'contains(a = b, c)',
    'size()',
    'a == :v',
    'a != :v',
    'a + b = :v',
    'a = "x"',
    'a = 1',
    '_a = :v',
    'and = :v',
    '#a(b)',
  ])('is %j', (text) => {
    expect(refusalOf(() => parseConditionText('Condition', text))).toContain(
      'Invalid ConditionExpression: Syntax error; token: "',
    );
  });
});

describe('a refusal of the text', () => {
  const misused = 'The function is not allowed to be used this way in an expression; function: ';
  const updateOnly = 'The function is not allowed in a condition expression; function: ';
  test.each([
    ['((a = :v))', 'The expression has redundant parentheses;'],
    ['((a)) = :v', 'The expression has redundant parentheses;'],
    ['foo(a)', 'Invalid function name; function: foo'],
    ['Size(a) = :v', 'Invalid function name; function: Size'],
    ['size(a)', `${misused}size`],
    ['NOT size(a)', `${misused}size`],
    ['attribute_exists(a) = :v', `${misused}attribute_exists`],
    ['a = contains(b, c)', `${misused}contains`],
    ['size(contains(a, b)) = :v', `${misused}contains`],
    ['contains(begins_with(a, b), :v)', `${misused}begins_with`],
    ['if_not_exists(a, :v)', `${updateOnly}if_not_exists`],
    ['a = list_append(b, c)', `${updateOnly}list_append`],
    ['name = :v', 'Attribute name is a reserved keyword; reserved keyword: name'],
    ['a.Size = :v', 'Attribute name is a reserved keyword; reserved keyword: Size'],
    // The order of detection.
    ['((foo(name)', 'Syntax error; token: "<EOF>", near: ")"'],
    ['((foo(name)))', 'The expression has redundant parentheses;'],
    ['size(name) AND foo(name)', 'Invalid function name; function: foo'],
    ['name = :v AND size(a)', `${misused}size`],
  ])('%j: %s', (text, tail) => {
    expect(refusalOf(() => parseConditionText('Filter', text))).toBe(
      `Invalid FilterExpression: ${tail}`,
    );
  });
});

describe('limits', () => {
  const chain = (count: number): string => Array(count).fill('a=:v').join(' OR ');
  test('300 operators are allowed, one more is not', () => {
    // n comparisons and n - 1 ORs; a NOT makes the number even.
    expect(refusalOf(() => parseConditionText('Condition', `NOT ${chain(150)}`))).toBe(
      'no refusal',
    );
    expect(refusalOf(() => parseConditionText('Condition', chain(151)))).toBe(
      'Invalid ConditionExpression: The expression contains too many operators; ' +
        `operator count: ${operatorsMax + 1}`,
    );
  });

  test.each([
    ['parentheses', `${'('.repeat(1500)}a = :v${')'.repeat(1500)}`],
    ['open parentheses', '('.repeat(4000)],
    ['calls', `${'size('.repeat(600)}a${')'.repeat(600)} = :v`],
    ['NOTs', `${'NOT '.repeat(1000)}a = :v`],
    ['NOTs in parentheses', `${'NOT('.repeat(700)}a=:v${')'.repeat(700)}`],
  ])('%s without end are refused', (_, text) => {
    expect(refusalOf(() => parseConditionText('Condition', text))).toContain(
      'Invalid ConditionExpression: The expression ',
    );
  });

  test('299 conditions inside each other are allowed', () => {
    const text = `${'NOT('.repeat(299)}a=:v${')'.repeat(299)}`;
    expect(refusalOf(() => parseConditionText('Condition', text))).toBe('no refusal');
  });
});
