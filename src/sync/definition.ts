/** A table's description, as DescribeTable tells it, and the CreateTable input that makes it. */

export interface Description {
  readonly TableName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly Definition[];
  readonly GlobalSecondaryIndexes?: readonly DescribedIndex[] | undefined;
  readonly LocalSecondaryIndexes?: readonly DescribedIndex[] | undefined;
}
interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}
interface Definition {
  readonly AttributeName: string;
  readonly AttributeType: string;
}

interface DescribedIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly object[];
  readonly Projection: object;
}

export interface TableDefinition {
  readonly TableName: string;
  readonly KeySchema: readonly object[];
  readonly [member: string]: unknown;
}

/** Names, kinds and types of its keys, in their order. */
export function keysOf(table: object): readonly (readonly (string | undefined)[])[] {
  const { KeySchema, AttributeDefinitions } = table as Description;
  return KeySchema.map(({ AttributeName, KeyType }) => {
    const own = AttributeDefinitions.find((one) => one.AttributeName === AttributeName);
    return [AttributeName, KeyType, own?.AttributeType];
  });
}

export function toDefinition(table: Description): TableDefinition {
  const { TableName, KeySchema, AttributeDefinitions } = table;
  const globals = indexesOf(table.GlobalSecondaryIndexes);
  const locals = indexesOf(table.LocalSecondaryIndexes);
  return {
    TableName,
    KeySchema,
    AttributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ...(globals.length === 0 ? {} : { GlobalSecondaryIndexes: globals }),
    ...(locals.length === 0 ? {} : { LocalSecondaryIndexes: locals }),
  };
}

function indexesOf(described: readonly DescribedIndex[] = []): readonly object[] {
  return described.map(({ IndexName, KeySchema, Projection }) => {
    return { IndexName, KeySchema, Projection };
  });
}
