/**
 * The input structures that the table operations share, with the limits of DynamoDB's model.
 *
 * Members come in the model's order, which is the order of a violation's text. What the model
 * leaves open (both modes of billing, keys that are declared) is judged in create-table.ts and
 * update-table.ts with messages of its own.
 */
import {
  attributeNameMax,
  nonKeyAttributesMax,
  resourceArnMax,
  tagKeyMax,
  tagValueMax,
} from '../../base/limits.ts';
import {
  boolean,
  indexName,
  list,
  long,
  oneOf,
  type Shape,
  string,
  struct,
} from '../../shape/constructors.ts';
import type { KeyType } from '../../value/value.ts';

const attributeName: Shape<string> = string({ min: 1, max: attributeNameMax });

const definitionFields = {
  AttributeName: attributeName.required,
  AttributeType: oneOf('B', 'N', 'S').required,
};
export interface DefinitionInput {
  readonly AttributeName: string;
  readonly AttributeType: KeyType;
}
export const attributeDefinitions: Shape<readonly DefinitionInput[]> = list(
  struct(definitionFields, 'AttributeDefinition'),
);

const keyElementFields = {
  AttributeName: attributeName.required,
  KeyType: oneOf('HASH', 'RANGE').required,
};
export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}
const keyElement = struct(keyElementFields, 'KeySchemaElement');
/** Of a table or a local index. */
export const keySchema: Shape<readonly KeyElement[]> = list(keyElement, { min: 1, max: 2 });
/** Of a global index: how many of each kind is judged later, with a message of its own. */
const globalKeySchema: Shape<readonly KeyElement[]> = list(keyElement, { min: 1 });

const projectionFields = {
  ProjectionType: oneOf('ALL', 'INCLUDE', 'KEYS_ONLY'),
  NonKeyAttributes: list(attributeName, { min: 1, max: nonKeyAttributesMax }),
};
export interface ProjectionInput {
  readonly ProjectionType?: 'ALL' | 'INCLUDE' | 'KEYS_ONLY' | undefined;
  readonly NonKeyAttributes?: readonly string[] | undefined;
}
const projection = struct(projectionFields, 'Projection');

const throughputFields = {
  ReadCapacityUnits: long({ min: 1 }).required,
  WriteCapacityUnits: long({ min: 1 }).required,
};
export interface ThroughputInput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}
export const provisionedThroughput: Shape<ThroughputInput> = struct(
  throughputFields,
  'ProvisionedThroughput',
);

const onDemandFields = { MaxReadRequestUnits: long(), MaxWriteRequestUnits: long() };
export interface OnDemandInput {
  readonly MaxReadRequestUnits?: number | undefined;
  readonly MaxWriteRequestUnits?: number | undefined;
}
export const onDemandThroughput: Shape<OnDemandInput> = struct(
  onDemandFields,
  'OnDemandThroughput',
);

const warmFields = {
  ReadUnitsPerSecond: long({ min: 1 }),
  WriteUnitsPerSecond: long({ min: 1 }),
};
export interface WarmInput {
  readonly ReadUnitsPerSecond?: number | undefined;
  readonly WriteUnitsPerSecond?: number | undefined;
}
export const warmThroughput: Shape<WarmInput> = struct(warmFields, 'WarmThroughput');

const localIndexFields = {
  IndexName: indexName.required,
  KeySchema: keySchema.required,
  Projection: projection.required,
};
export interface LocalIndexInput {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: ProjectionInput;
}
export const localIndexes: Shape<readonly LocalIndexInput[]> = list(
  struct(localIndexFields, 'LocalSecondaryIndex'),
);

const globalIndexFields = {
  IndexName: indexName.required,
  KeySchema: globalKeySchema.required,
  Projection: projection.required,
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
};
interface UnitsInput {
  readonly ProvisionedThroughput?: ThroughputInput | undefined;
  readonly OnDemandThroughput?: OnDemandInput | undefined;
  readonly WarmThroughput?: WarmInput | undefined;
}
export interface GlobalIndexInput extends LocalIndexInput, UnitsInput {}
export const globalIndexes: Shape<readonly GlobalIndexInput[]> = list(
  struct(globalIndexFields, 'GlobalSecondaryIndex'),
);

const indexUpdateFields = {
  IndexName: indexName.required,
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
};
export interface IndexUpdateInput extends UnitsInput {
  readonly IndexName: string;
}
const indexActionFields = {
  Update: struct(indexUpdateFields, 'UpdateGlobalSecondaryIndexAction'),
  Create: struct(globalIndexFields, 'CreateGlobalSecondaryIndexAction'),
  Delete: struct({ IndexName: indexName.required }, 'DeleteGlobalSecondaryIndexAction'),
};
export interface IndexActionInput {
  readonly Update?: IndexUpdateInput | undefined;
  readonly Create?: GlobalIndexInput | undefined;
  readonly Delete?: { readonly IndexName: string } | undefined;
}
export const globalIndexUpdates: Shape<readonly IndexActionInput[]> = list(
  struct(indexActionFields, 'GlobalSecondaryIndexUpdate'),
);

export type BillingMode = 'PROVISIONED' | 'PAY_PER_REQUEST';
export const billingMode: Shape<BillingMode> = oneOf('PROVISIONED', 'PAY_PER_REQUEST');
export const tableClass: Shape<'STANDARD' | 'STANDARD_INFREQUENT_ACCESS'> = oneOf(
  'STANDARD',
  'STANDARD_INFREQUENT_ACCESS',
);

const streamFields = {
  StreamEnabled: boolean.required,
  StreamViewType: oneOf('NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'),
};
export interface StreamInput {
  readonly StreamEnabled: boolean;
  readonly StreamViewType?:
    | 'NEW_IMAGE'
    | 'OLD_IMAGE'
    | 'NEW_AND_OLD_IMAGES'
    | 'KEYS_ONLY'
    | undefined;
}
export const streamSpecification: Shape<StreamInput> = struct(streamFields, 'StreamSpecification');

const sseFields = { Enabled: boolean, SSEType: oneOf('AES256', 'KMS'), KMSMasterKeyId: string() };
export interface SseInput {
  readonly Enabled?: boolean | undefined;
  readonly SSEType?: 'AES256' | 'KMS' | undefined;
  readonly KMSMasterKeyId?: string | undefined;
}
export const sseSpecification: Shape<SseInput> = struct(sseFields, 'SSESpecification');

const tagFields = {
  Key: string({ min: 1, max: tagKeyMax }).required,
  Value: string({ max: tagValueMax }).required,
};
export interface TagInput {
  readonly Key: string;
  readonly Value: string;
}
export const tags: Shape<readonly TagInput[]> = list(struct(tagFields, 'Tag'));
export const tagKeys: Shape<readonly string[]> = list(string({ min: 1, max: tagKeyMax }));
export const revisionId: Shape<string> = string({ min: 1, max: 255 });
export const resourceArn: Shape<string> = string({ min: 1, max: resourceArnMax });
