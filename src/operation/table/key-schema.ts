/**
 * Key schemas as requests give them: judged, and made into the engine's form.
 *
 * Rows are those of reference/types-and-limits.md, section 11. The first undefined, misplaced or
 * repeated key is refused in that order; a global index may have up to four parts of each kind, and
 * then has texts of its own (rows 31 to 33).
 */
import { must } from '../../base/assert.ts';
import { invalid, validation } from '../../base/errors.ts';
import { indexHashPartsMax, indexRangePartsMax } from '../../base/limits.ts';
import type { KeyPart, KeySchema } from '../../table/state.ts';
import type { DefinitionInput, KeyElement } from './shapes.ts';

/** Row 6, of a table alone: it has more keys than definitions, whatever their names. */
export function checkSomeDefined(
  keys: readonly KeyElement[],
  definitions: readonly DefinitionInput[],
): void {
  if (keys.length > definitions.length) {
    throw validation('Invalid KeySchema: Some index key attribute have no definition');
  }
}

/** Rows 7 and 15. */
export function checkAllDefined(
  keys: readonly KeyElement[],
  definitions: readonly DefinitionInput[],
): void {
  if (keys.every(({ AttributeName }) => isDefined(AttributeName, definitions))) return;
  throw invalid(
    `Some index key attributes are not defined in AttributeDefinitions. Keys: ` +
      `[${namesOf(keys).join(', ')}], AttributeDefinitions: [${namesOf(definitions).join(', ')}]`,
  );
}

/** Rows 8 to 10 and 16, of a table or local index: one hash, then at most one range. */
export function checkSimpleOrder(keys: readonly KeyElement[]): void {
  const [first, second] = keys;
  checkTwoNames(keys);
  if (first?.KeyType !== 'HASH') {
    throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (second !== undefined && second.KeyType !== 'RANGE') {
    throw validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
}

/** Rows 8 and 9 of a global index, whose second part may be another hash. */
export function checkGlobalStart(keys: readonly KeyElement[]): void {
  if (keys[0]?.KeyType !== keys[1]?.KeyType) checkTwoNames(keys);
  if (keys[0]?.KeyType !== 'HASH') {
    throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
}

/** Rows 31 to 33. */
export function checkGlobalParts(keys: readonly KeyElement[]): void {
  const firstRange = keys.findIndex(({ KeyType }) => KeyType === 'RANGE');
  if (firstRange >= 0 && keys.slice(firstRange).some(({ KeyType }) => KeyType === 'HASH')) {
    throw validation('All HASH key attributes must precede RANGE key attributes in the KeySchema');
  }
  for (const [kind, most] of [
    ['HASH', indexHashPartsMax],
    ['RANGE', indexRangePartsMax],
  ] as const) {
    if (keys.filter(({ KeyType }) => KeyType === kind).length <= most) continue;
    throw validation(`The KeySchema exceeds the maximum allowed number of ${kind} key attributes`);
  }
  if (new Set(namesOf(keys)).size < keys.length) {
    throw validation('The KeySchema contains multiple key attributes with the same name');
  }
}

/** The schema in the engine's form; every part is defined by now. */
export function keySchemaOf(
  keys: readonly KeyElement[],
  definitions: readonly DefinitionInput[],
): KeySchema {
  const partsOf = (kind: KeyElement['KeyType']): readonly KeyPart[] =>
    keys
      .filter(({ KeyType }) => KeyType === kind)
      .map(({ AttributeName: name }) => {
        const found = definitions.find(({ AttributeName }) => AttributeName === name);
        return { name, type: must(found, `key ${name} is not defined`).AttributeType };
      });
  return { hash: partsOf('HASH'), range: partsOf('RANGE') };
}

export function namesOf(of: readonly { readonly AttributeName: string }[]): readonly string[] {
  return of.map(({ AttributeName }) => AttributeName);
}

/** Row 8. */
function checkTwoNames(keys: readonly KeyElement[]): void {
  const [first, second] = keys;
  if (keys.length === 2 && first?.AttributeName === second?.AttributeName) {
    throw validation(
      'Both the Hash Key and the Range Key element in the KeySchema have the same name',
    );
  }
}

function isDefined(name: string, definitions: readonly DefinitionInput[]): boolean {
  return definitions.some(({ AttributeName }) => AttributeName === name);
}
