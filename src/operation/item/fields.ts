/**
 * Input members that several item operations share, legacy ones among them.
 *
 * Enumerations list their values in the order DynamoDB prints them (reference/protocol.md,
 * section 6).
 */
import {
  attributeMap,
  attributeValue,
  boolean,
  list,
  map,
  nameMap,
  oneOf,
  type Shape,
  type StringShape,
  string,
  struct,
} from '../../shape/constructors.ts';

type Names<T> = Readonly<Record<string, T>>;
type ComparisonOperator =
  | 'IN'
  | 'NULL'
  | 'BETWEEN'
  | 'LT'
  | 'NOT_CONTAINS'
  | 'EQ'
  | 'GT'
  | 'NOT_NULL'
  | 'NE'
  | 'LE'
  | 'BEGINS_WITH'
  | 'GE'
  | 'CONTAINS';

export type ReturnValues = 'ALL_NEW' | 'UPDATED_OLD' | 'ALL_OLD' | 'NONE' | 'UPDATED_NEW';
export type Select =
  | 'SPECIFIC_ATTRIBUTES'
  | 'COUNT'
  | 'ALL_ATTRIBUTES'
  | 'ALL_PROJECTED_ATTRIBUTES';

const dynamo = 'com.amazonaws.dynamodb.v20120810.';

const comparisonOperator: Shape<ComparisonOperator> = oneOf(
  'IN',
  'NULL',
  'BETWEEN',
  'LT',
  'NOT_CONTAINS',
  'EQ',
  'GT',
  'NOT_NULL',
  'NE',
  'LE',
  'BEGINS_WITH',
  'GE',
  'CONTAINS',
);

export const conditionalOperator: Shape<'OR' | 'AND'> = oneOf('OR', 'AND');

export const returnValues: Shape<ReturnValues> = oneOf(
  'ALL_NEW',
  'UPDATED_OLD',
  'ALL_OLD',
  'NONE',
  'UPDATED_NEW',
);

export const returnOldOnFailure: Shape<'ALL_OLD' | 'NONE'> = oneOf('ALL_OLD', 'NONE');

export const select: Shape<Select> = oneOf(
  'SPECIFIC_ATTRIBUTES',
  'COUNT',
  'ALL_ATTRIBUTES',
  'ALL_PROJECTED_ATTRIBUTES',
);

export interface ExpectedAttribute {
  readonly Value?: unknown;
  readonly Exists?: boolean | undefined;
  readonly ComparisonOperator?: ComparisonOperator | undefined;
  readonly AttributeValueList?: readonly unknown[] | undefined;
}
export const expected: Shape<Names<ExpectedAttribute>> = map(
  struct(
    {
      Value: attributeValue,
      Exists: boolean,
      ComparisonOperator: comparisonOperator,
      AttributeValueList: list(attributeValue),
    },
    'ExpectedAttributeValue',
  ),
  { javaValue: `${dynamo}ExpectedAttributeValue` },
);

export interface AttributeUpdate {
  readonly Value?: unknown;
  readonly Action?: 'ADD' | 'PUT' | 'DELETE' | undefined;
}
export const attributeUpdates: Shape<Names<AttributeUpdate>> = map(
  struct({ Value: attributeValue, Action: oneOf('ADD', 'PUT', 'DELETE') }, 'AttributeValueUpdate'),
  { javaValue: `${dynamo}AttributeValueUpdate` },
);

export interface LegacyCondition {
  readonly ComparisonOperator: ComparisonOperator;
  readonly AttributeValueList?: readonly unknown[] | undefined;
}
/** KeyConditions, QueryFilter, ScanFilter. */
export const legacyConditions: Shape<Names<LegacyCondition>> = map(
  struct(
    {
      AttributeValueList: list(attributeValue),
      ComparisonOperator: comparisonOperator.required,
    },
    'Condition',
  ),
  { javaValue: `${dynamo}Condition` },
);

export const attributesToGet: Shape<readonly string[]> = list(string({ max: 65535 }), { min: 1 });

/** What every host of expressions takes besides the expressions. */
export const placeholders: {
  readonly ExpressionAttributeNames: typeof nameMap;
  readonly ExpressionAttributeValues: typeof attributeMap;
} = { ExpressionAttributeNames: nameMap, ExpressionAttributeValues: attributeMap };

/** The names in RequestItems of a batch, which may be ARNs. */
export const requestItemsKey: StringShape = {
  kind: 'string',
  isRequired: true,
  min: 1,
  max: 255,
  pattern: '[a-zA-Z0-9_.-]+',
  arn: true,
};
