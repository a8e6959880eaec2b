/**
 * The input structures that the table operations share, with the limits of DynamoDB's model.
 *
 * Members come in the model's order, which is the order of a violation's text. What the model leaves
 * open (both modes of billing, keys that are declared) is judged in create-table.ts and
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
  type FieldsOf,
  type InputOf,
  indexName,
  list,
  long,
  oneOf,
  type Shape,
  string,
  struct,
} from '../../shape/constructors.ts';

const attributeName: Shape<string> = string({ min: 1, max: attributeNameMax });

const definitionFields = {
  AttributeName: attributeName.required,
  AttributeType: oneOf('B', 'N', 'S').required,
};
export type DefinitionInput = FieldsOf<typeof definitionFields>;
export const attributeDefinitions: Shape<readonly DefinitionInput[]> = list(
  struct(definitionFields, 'AttributeDefinition'),
);

const keyElementFields = {
  AttributeName: attributeName.required,
  KeyType: oneOf('HASH', 'RANGE').required,
};
export type KeyElement = FieldsOf<typeof keyElementFields>;
const keyElement = struct(keyElementFields, 'KeySchemaElement');
/** Of a table or a local index. */
export const keySchema: Shape<readonly KeyElement[]> = list(keyElement, { min: 1, max: 2 });
/** Of a global index: how many of each kind is judged later, with a message of its own. */
const globalKeySchema: Shape<readonly KeyElement[]> = list(keyElement, { min: 1 });

const projectionFields = {
  ProjectionType: oneOf('ALL', 'INCLUDE', 'KEYS_ONLY'),
  NonKeyAttributes: list(attributeName, { min: 1, max: nonKeyAttributesMax }),
};
export type ProjectionInput = FieldsOf<typeof projectionFields>;
const projection = struct(projectionFields, 'Projection');

const throughputFields = {
  ReadCapacityUnits: long({ min: 1 }).required,
  WriteCapacityUnits: long({ min: 1 }).required,
};
export type ThroughputInput = FieldsOf<typeof throughputFields>;
export const provisionedThroughput: Shape<ThroughputInput> = struct(
  throughputFields,
  'ProvisionedThroughput',
);

const onDemandFields = { MaxReadRequestUnits: long(), MaxWriteRequestUnits: long() };
export type OnDemandInput = FieldsOf<typeof onDemandFields>;
export const onDemandThroughput: Shape<OnDemandInput> = struct(
  onDemandFields,
  'OnDemandThroughput',
);

const warmFields = {
  ReadUnitsPerSecond: long({ min: 1 }),
  WriteUnitsPerSecond: long({ min: 1 }),
};
export type WarmInput = FieldsOf<typeof warmFields>;
export const warmThroughput: Shape<WarmInput> = struct(warmFields, 'WarmThroughput');

const localIndexFields = {
  IndexName: indexName.required,
  KeySchema: keySchema.required,
  Projection: projection.required,
};
export type LocalIndexInput = FieldsOf<typeof localIndexFields>;
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
export type GlobalIndexInput = FieldsOf<typeof globalIndexFields>;
export const globalIndexes: Shape<readonly GlobalIndexInput[]> = list(
  struct(globalIndexFields, 'GlobalSecondaryIndex'),
);

const indexUpdateFields = {
  IndexName: indexName.required,
  ProvisionedThroughput: provisionedThroughput,
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
};
export type IndexUpdateInput = FieldsOf<typeof indexUpdateFields>;
const indexActionFields = {
  Update: struct(indexUpdateFields, 'UpdateGlobalSecondaryIndexAction'),
  Create: struct(globalIndexFields, 'CreateGlobalSecondaryIndexAction'),
  Delete: struct({ IndexName: indexName.required }, 'DeleteGlobalSecondaryIndexAction'),
};
export type IndexActionInput = FieldsOf<typeof indexActionFields>;
export const globalIndexUpdates: Shape<readonly IndexActionInput[]> = list(
  struct(indexActionFields, 'GlobalSecondaryIndexUpdate'),
);

export const billingMode: Shape<'PROVISIONED' | 'PAY_PER_REQUEST'> = oneOf(
  'PROVISIONED',
  'PAY_PER_REQUEST',
);
export const tableClass: Shape<'STANDARD' | 'STANDARD_INFREQUENT_ACCESS'> = oneOf(
  'STANDARD',
  'STANDARD_INFREQUENT_ACCESS',
);

const streamFields = {
  StreamEnabled: boolean.required,
  StreamViewType: oneOf('NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'),
};
export type StreamInput = FieldsOf<typeof streamFields>;
export const streamSpecification: Shape<StreamInput> = struct(streamFields, 'StreamSpecification');

const sseFields = { Enabled: boolean, SSEType: oneOf('AES256', 'KMS'), KMSMasterKeyId: string() };
export type SseInput = FieldsOf<typeof sseFields>;
export const sseSpecification: Shape<SseInput> = struct(sseFields, 'SSESpecification');

const tagFields = {
  Key: string({ min: 1, max: tagKeyMax }).required,
  Value: string({ max: tagValueMax }).required,
};
export type TagInput = FieldsOf<typeof tagFields>;
export const tags: Shape<readonly TagInput[]> = list(struct(tagFields, 'Tag'));
export const tagKeys: Shape<readonly string[]> = list(string({ min: 1, max: tagKeyMax }));
export const resourceArn: Shape<string> = string({ min: 1, max: resourceArnMax });

export type BillingMode = InputOf<typeof billingMode>;
