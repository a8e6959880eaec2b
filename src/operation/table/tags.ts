/**
 * Tags, and the resources they hang on: reference/types-and-limits.md, section 13.
 */
import { DynamoError, invalid, resourceNotFound, validation } from '../../base/errors.ts';
import { tagsMax } from '../../base/limits.ts';
import { isArn, parseArn } from '../../table/arn.ts';
import type { TableState } from '../../table/state.ts';
import type { PlanContext } from '../operation.ts';
import type { TagInput } from './shapes.ts';

const allowed = /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u;

/** Refuses too many tags, bad keys and values, reserved and repeated keys, in that order. */
export function checkTags(given: readonly TagInput[]): void {
  checkTagCount(given.length);
  for (const { Key, Value } of given) {
    if (!allowed.test(Key)) throw validation(`The Tag Key provided is invalid, Key: ${Key}`);
    if (!allowed.test(Value)) {
      throw validation(`The Tag Value provided is invalid, Value: ${Value}`);
    }
    if (Key.toLowerCase().startsWith('aws:')) {
      throw validation(`Tag Key cannot be prefixed with aws:, Key: ${Key}`);
    }
  }
  const keys = given.map(({ Key }) => Key);
  const twice = keys.find((key, at) => keys.indexOf(key) < at);
  if (twice !== undefined) {
    throw validation(`Duplicate Tag Keys provided as input: Duplicate Tag Key found ${twice}`);
  }
}

export function checkTagCount(count: number): void {
  if (count > tagsMax) {
    throw validation('Number of Tags exceed the current limit for the provided ResourceArn');
  }
}

/** Refuses what is no ARN of a table or of its stream. */
export function checkResourceArn(arn: string): void {
  if (!isArn(arn)) throw invalid(`ARNs must start with 'arn:': ${arn}`);
  const parts = parseArn(arn);
  if (parts === undefined) {
    throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  }
  const isStream = parts.rest.startsWith('stream/');
  if (parts.kind !== 'table' || (parts.rest !== '' && !isStream)) {
    throw validation(
      'Invalid TableArn: Invalid resource arn provided, only table or stream is accepted. ' +
        `Provided resource arn: ${arn}`,
    );
  }
}

/**
 * The table an ARN (that was checked) names. Throws AccessDeniedException for another account or
 * region, ResourceNotFoundException for a table that is not there.
 */
export function taggedTable(arn: string, context: PlanContext, missing: string): TableState {
  const parts = parseArn(arn);
  const table = parts && context.catalog.find(parts.table);
  const own = table && parseArn(table.arn);
  const region = own?.region ?? context.region;
  const account = own?.account ?? context.account;
  if (parts === undefined || parts.region !== region || parts.account !== account) {
    throw new DynamoError('AccessDeniedException', `Access to the resource ${arn} is denied.`);
  }
  if (table === undefined) throw resourceNotFound(missing);
  return table;
}

/** "ResourcArn" is DynamoDB's own spelling. */
export function missingResource(arn: string): string {
  return `Requested resource not found: ResourcArn: ${arn} not found`;
}
