import { describe, expect, test } from 'vitest';
import { decodeTable, encodeTable } from '../../src/table/description.ts';
import { itemKey, primaryKey } from '../../src/table/keys.ts';
import { checkScope, isInSpans, notAllowed, type TableScope } from '../../src/table/scope.ts';
import type { TableState } from '../../src/table/state.ts';
import { itemOf, keys, table as tableOf } from '../support/tables.ts';

const plain = (): TableState => tableOf(keys('p:S'));
const user = 'arn:aws:iam::000000000000:user/ada';

function scoped(spans: TableScope['spans']): TableState {
  const table = plain();
  const replica = { role: 'device', versions: 200, global: 'g', scope: { user, spans } } as const;
  return { ...table, replica };
}

const key = Uint8Array.of(5);
const around = [{ from: Uint8Array.of(4), to: Uint8Array.of(6) }];
const behind = [{ from: Uint8Array.of(6), to: undefined }];

describe('the scope of a table', () => {
  test('has its spans half open', () => {
    expect(isInSpans(around, Uint8Array.of(4))).toBe(true);
    expect(isInSpans(around, Uint8Array.of(6))).toBe(false);
    expect(isInSpans(behind, Uint8Array.of(255))).toBe(true);
    expect(isInSpans([], key)).toBe(false);
  });

  test('refuses each kind of call by its own spans, with the words of IAM', () => {
    const table = scoped({ read: around, put: behind, remove: undefined });
    expect(() => checkScope(table, key, 'read', 'GetItem')).not.toThrow();
    expect(() => checkScope(table, key, 'put', 'UpdateItem')).toThrow(
      `User: ${user} is not authorized to perform: dynamodb:UpdateItem on resource: ${table.arn} ` +
        'because no identity-based policy allows the dynamodb:UpdateItem action',
    );
    // Nobody can tell here: the hub judges.
    expect(() => checkScope(table, key, 'remove', 'DeleteItem')).not.toThrow();
    expect(() => checkScope(plain(), key, 'put', 'PutItem')).not.toThrow();
    expect(notAllowed(user, 'PutItem', table.arn)).toContain('dynamodb:PutItem');
  });

  test('is asked wherever a call names a key', () => {
    const table = scoped({ read: [], put: [], remove: around });
    const item = itemOf({ p: { S: 'x' } });
    expect(() => itemKey(table, item)).toThrow('dynamodb:PutItem');
    expect(() => primaryKey(table, item, 'remove', 'DeleteItem')).toThrow('dynamodb:DeleteItem');
    expect(() => primaryKey(table, item)).toThrow('dynamodb:GetItem');
  });

  test('is kept in the description of the table', () => {
    for (const spans of [
      { read: around, put: undefined, remove: [] },
      { read: [...around, ...behind], put: behind, remove: undefined },
    ]) {
      const table = scoped(spans);
      expect(decodeTable(encodeTable(table)).replica).toEqual(table.replica);
    }
  });
});
