/**
 * Syntax trees as the parser makes them: placeholders unresolved, functions not yet judged.
 *
 * They depend on the text alone, so they are kept and shared between requests (cache.ts). `bind.ts`
 * and `update.ts` turn them into bound forms with names and values in place.
 */

/**
 * As it stands in messages: `Invalid <kind>Expression: ...`; those of a statement are bare.
 */
export type ExpressionKind =
  | 'Condition'
  | 'Filter'
  | 'KeyCondition'
  | 'Update'
  | 'Projection'
  | 'Statement';

/** A name as written (`#n` when it is a placeholder), or an index of a list. */
export type Step = string | number;

export interface PathNode {
  readonly type: 'path';
  readonly steps: readonly Step[];
}
export interface ValueNode {
  readonly type: 'value';
  /** With its colon. */
  readonly placeholder: string;
}
export interface CallNode {
  readonly type: 'call';
  readonly name: string;
  readonly args: readonly OperandNode[];
}
/** Only in the right side of a SET. */
export interface SumNode {
  readonly type: 'sum';
  readonly operator: '+' | '-';
  readonly left: OperandNode;
  readonly right: OperandNode;
}
/** Only in PartiQL, where a condition is a value too: true or false. */
export interface TestNode {
  readonly type: 'test';
  readonly condition: ConditionNode;
}
export type OperandNode = PathNode | ValueNode | CallNode | SumNode | TestNode;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionNode =
  | { readonly type: 'and' | 'or'; readonly operands: readonly ConditionNode[] }
  | { readonly type: 'not'; readonly operand: ConditionNode }
  | {
      readonly type: 'compare';
      readonly operator: Comparator;
      readonly left: OperandNode;
      readonly right: OperandNode;
    }
  | {
      readonly type: 'between';
      readonly operand: OperandNode;
      readonly lower: OperandNode;
      readonly upper: OperandNode;
    }
  | {
      readonly type: 'in';
      readonly operand: OperandNode;
      readonly candidates: readonly OperandNode[];
    }
  | CallNode;

export type Section = 'SET' | 'REMOVE' | 'ADD' | 'DELETE';

export interface ActionNode {
  readonly section: Section;
  readonly path: PathNode;
  /** What SET assigns, and the placeholder of ADD and DELETE. */
  readonly operand: OperandNode | undefined;
}

/** What every kind of tree says of its placeholders, each in the order of first use. */
export interface Placeholders {
  /** With their `#`. */
  readonly names: ReadonlySet<string>;
  /** With their `:`. */
  readonly values: ReadonlySet<string>;
}

export interface ConditionTree extends Placeholders {
  readonly root: ConditionNode;
}
export interface UpdateTree extends Placeholders {
  readonly actions: readonly ActionNode[];
}
export interface ProjectionTree extends Placeholders {
  readonly paths: readonly PathNode[];
}
