/**
 * A declared input: the shape that an operation's row gives, as plain data with its TypeScript
 * type.
 *
 * `check.ts` tests an input against it: JSON token types first (SerializationException), then the
 * declared constraints, aggregated (reference/protocol.md, sections 5 and 6). Attribute values are
 * left as they came: `value/wire.ts` or `value/plain.ts` reads them in the operation's `check`.
 */

interface Base {
  readonly isRequired: boolean;
}

export interface StringShape extends Base {
  readonly kind: 'string';
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** As DynamoDB prints it. */
  readonly pattern?: string | undefined;
  /** In the order DynamoDB prints. */
  readonly values?: readonly string[] | undefined;
  /** An ARN may stand here: it is judged by its length alone. */
  readonly arn?: boolean | undefined;
  /** Its violations are reported without those of other members. */
  readonly alone?: boolean | undefined;
  /** That it is absent has words of its own, and goes before every other violation. */
  readonly demanded?: boolean | undefined;
}
export interface BooleanShape extends Base {
  readonly kind: 'boolean';
}
export interface NumberShape extends Base {
  readonly kind: 'integer' | 'long' | 'double' | 'timestamp';
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Violations do not show the value, and spell the path as the wire does. */
  readonly hidden?: boolean | undefined;
}
export interface ListShape extends Base {
  readonly kind: 'list';
  readonly of: AnyShape;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** As a NumberShape's. */
  readonly hidden?: boolean | undefined;
}
export interface MapShape extends Base {
  readonly kind: 'map';
  readonly of: AnyShape;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Constraint of the keys; printed as `Map keys must satisfy constraint: [...]`. */
  readonly keys?: StringShape | undefined;
  /** The Java type of a value, for the message about a list given in its place. */
  readonly javaValue: string;
}
export interface StructShape extends Base {
  readonly kind: 'struct';
  /** DynamoDB's name of the structure, for messages. */
  readonly name: string;
  readonly fields: Readonly<Record<string, AnyShape>>;
}
/** Of internal operations alone: a Uint8Array, whatever the form. */
export interface BytesShape extends Base {
  readonly kind: 'bytes';
}
/** One AttributeValue, in wire or in plain form. */
export interface ValueShape extends Base {
  readonly kind: 'value';
}

export type AnyShape =
  | StringShape
  | BooleanShape
  | NumberShape
  | ListShape
  | MapShape
  | StructShape
  | BytesShape
  | ValueShape;

/** A shape that carries the TypeScript type of what passes it. */
export type Shape<T, R extends boolean = false> = AnyShape & {
  readonly required: Shape<T, true>;
  readonly $type?: T;
  readonly $required?: R;
};
type TypeOf<S> = S extends { readonly $type?: infer T } ? Exclude<T, undefined> : never;
type RequiredKeys<F> = {
  [K in keyof F]: F[K] extends { readonly $required?: infer R }
    ? Exclude<R, undefined> extends true
      ? K
      : never
    : never;
}[keyof F];
/** What passes a struct of fields `F`. */
export type FieldsOf<F> = {
  readonly [K in RequiredKeys<F>]: TypeOf<F[K]>;
} & {
  readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: TypeOf<F[K]> | undefined;
};
export type InputOf<S> = TypeOf<S>;

type Draft = { [S in AnyShape as S['kind']]: Omit<S, 'isRequired'> }[AnyShape['kind']];

function shape<T>(draft: Draft): Shape<T> {
  const optional = { ...draft, isRequired: false } as Record<string, unknown>;
  const required = { ...draft, isRequired: true } as Record<string, unknown>;
  required['required'] = required;
  optional['required'] = required;
  return optional as unknown as Shape<T>;
}

export function string(
  limits: Partial<Omit<StringShape, 'kind' | 'values' | 'isRequired'>> = {},
): Shape<string> {
  return shape({ kind: 'string', ...limits });
}

/** An enumeration; give the values in the order DynamoDB prints them. */
export function oneOf<const V extends string>(...values: readonly V[]): Shape<V> {
  return shape({ kind: 'string', values });
}

export const boolean: Shape<boolean> = shape({ kind: 'boolean' });

export function integer(
  limits: { min?: number; max?: number; hidden?: boolean } = {},
): Shape<number> {
  return shape({ kind: 'integer', ...limits });
}

export function long(limits: { min?: number; max?: number } = {}): Shape<number> {
  return shape({ kind: 'long', ...limits });
}

export function list<T, R extends boolean>(
  of: Shape<T, R>,
  limits: { min?: number; max?: number; hidden?: boolean } = {},
): Shape<readonly T[]> {
  return shape({ kind: 'list', of, ...limits });
}

export function map<T, R extends boolean>(
  of: Shape<T, R>,
  options: { javaValue: string; min?: number; max?: number; keys?: StringShape },
): Shape<Readonly<Record<string, T>>> {
  return shape({ kind: 'map', of, ...options });
}

export function struct<F extends Readonly<Record<string, AnyShape>>>(
  fields: F,
  name = '',
): Shape<FieldsOf<F>> {
  return shape({ kind: 'struct', name, fields });
}

/** An attribute value as it came: read it with the request's ValueReader. */
export const attributeValue: Shape<unknown> = shape({ kind: 'value' });

/** Of internal operations: bytes as they are. */
export const bytes: Shape<Uint8Array> = shape({ kind: 'bytes' });

const attributeValueClass = 'com.amazonaws.dynamodb.v20120810.AttributeValue';
/** Item, Key, ExclusiveStartKey: names to attribute values, as they came. */
export const attributeMap: Shape<Readonly<Record<string, unknown>>> = map(attributeValue, {
  javaValue: attributeValueClass,
});
/** ExpressionAttributeNames. */
export const nameMap: Shape<Readonly<Record<string, string>>> = map(string(), {
  javaValue: 'java.lang.String',
});

const tableNameLimits = { min: 1, max: 255, pattern: '[a-zA-Z0-9_.-]+', arn: true };
/** TableName of an item operation, which may be an ARN. */
export const tableName: Shape<string> = string(tableNameLimits);
/** The same for Put-, Update- and DeleteItem, which report a bad one without other violations. */
export const writtenTableName: Shape<string> = string({ ...tableNameLimits, alone: true });
/** The same where a table is described, changed or deleted. */
export const ownTableName: Shape<string> = string({ ...tableNameLimits, demanded: true });
/** TableName where a table is made. */
export const newTableName: Shape<string> = string({
  demanded: true,
  min: 3,
  max: 255,
  pattern: '[a-zA-Z0-9_.-]+',
});
export const indexName: Shape<string> = string({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' });
export const returnConsumedCapacity: Shape<'INDEXES' | 'TOTAL' | 'NONE'> = oneOf(
  'INDEXES',
  'TOTAL',
  'NONE',
);
export const returnItemCollectionMetrics: Shape<'SIZE' | 'NONE'> = oneOf('SIZE', 'NONE');
