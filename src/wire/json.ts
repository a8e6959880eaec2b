/**
 * DynamoDB's JSON: a body becomes a Request's input, an output or an error becomes a body.
 *
 * Items in an output, wherever they are, are Maps or StoredItems; they are written straight to
 * text. Names come from users, so no object is ever made from them here. `form: 'json'` inputs keep
 * their base64: `shape/check.ts` decodes it where the shape says binary.
 */
import { encodeBase64 } from '../base/base64.ts';
import type { DynamoError } from '../base/errors.ts';
import { StoredItem } from '../value/codec.ts';
import type { Item, Value } from '../value/value.ts';
import { type LargeJson, readInSlices } from './large-json.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The parsed body; undefined when it is not JSON in UTF-8. */
export function parseJson(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(decoder.decode(body)) };
  } catch {
    return undefined;
  }
}

/**
 * The same of a long body, in slices with `breathe` between them; `vast` when it has more members
 * than any request that could be carried out.
 */
export async function parseLarge(
  body: Uint8Array,
  breathe: () => Promise<void>,
): Promise<LargeJson> {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return undefined;
  }
  return inTurns(readInSlices(text), breathe);
}

/** Goes through the steps of some long work, with `breathe` between them. */
export async function inTurns<T>(
  steps: Generator<undefined, T>,
  breathe: () => Promise<void>,
): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await breathe();
    step = steps.next();
  }
  return step.value;
}

/** Members that are undefined or null are left out. */
export function outputToJson(output: object): string {
  return textOf(output);
}

/** The body of an error response: reference/protocol.md, section 3. */
export function errorBody(error: DynamoError): string {
  const { prefix, text } = error.row;
  const parts = [`"__type":${JSON.stringify(prefix + error.name)}`];
  if (text !== undefined && error.message !== '') {
    parts.push(`${JSON.stringify(text)}:${JSON.stringify(error.message)}`);
  }
  const members = membersText(error.members);
  if (members !== '') parts.push(members);
  return `{${parts.join(',')}}`;
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (value instanceof StoredItem) return itemText(value.item());
  if (value instanceof Map) return itemText(value as Item);
  if (value instanceof Uint8Array) return `"${encodeBase64(value)}"`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  return `{${membersText(value as Readonly<Record<string, unknown>>)}}`;
}

function membersText(members: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of Object.keys(members)) {
    const member = members[name];
    if (member === undefined || member === null) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${textOf(member)}`;
  }
  return text;
}

function itemText(item: Item): string {
  let text = '';
  for (const [name, value] of item) {
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${valueText(value)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function valueText(value: Value): string {
  switch (value.type) {
    case 'S':
      return `{"S":${JSON.stringify(value.value)}}`;
    case 'N':
      return `{"N":"${value.value}"}`;
    case 'B':
      return `{"B":"${encodeBase64(value.value)}"}`;
    case 'BOOL':
      return value.value ? '{"BOOL":true}' : '{"BOOL":false}';
    case 'NULL':
      return '{"NULL":true}';
    case 'SS':
    case 'NS':
      return `{"${value.type}":${JSON.stringify(value.value)}}`;
    case 'BS':
      return `{"BS":["${value.value.map(encodeBase64).join('","')}"]}`;
    case 'L':
      return `{"L":[${value.value.map(valueText).join(',')}]}`;
    case 'M':
      return `{"M":${itemText(value.value)}}`;
  }
}
