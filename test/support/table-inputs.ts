/** Inputs of table operations as literals, and what a refusal said. */
import { DynamoError } from '../../src/base/errors.ts';

export const invalidValues = 'One or more parameter values were invalid: ';

export function attribute(name: string, type = 'S'): object {
  return { AttributeName: name, AttributeType: type };
}
export function hash(name: string): object {
  return { AttributeName: name, KeyType: 'HASH' };
}
export function range(name: string): object {
  return { AttributeName: name, KeyType: 'RANGE' };
}
export function units(read: number, write: number): object {
  return { ReadCapacityUnits: read, WriteCapacityUnits: write };
}

const all = { ProjectionType: 'ALL' };

export function localIndex(
  name: string,
  keys: readonly object[],
  projection: object = all,
): object {
  return { IndexName: name, KeySchema: keys, Projection: projection };
}
export function globalIndex(
  name: string,
  keys: readonly object[],
  projection: object = all,
): object {
  return { IndexName: name, KeySchema: keys, Projection: projection };
}

/** A CreateTable input: `Simple`, on demand, with the hash key `a`. */
export function simpleTable(changes: object = {}): object {
  return {
    TableName: 'Simple',
    AttributeDefinitions: [attribute('a')],
    KeySchema: [hash('a')],
    BillingMode: 'PAY_PER_REQUEST',
    ...changes,
  };
}

/** The name and message of the DynamoError that `act` throws. */
export function refusal(act: () => unknown): { readonly name: string; readonly message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof DynamoError) return { name: error.name, message: error.message };
    throw error;
  }
  throw new Error('it was not refused');
}
