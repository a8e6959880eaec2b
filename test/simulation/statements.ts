/**
 * PartiQL as the clients of a simulation ask it. Each statement is drawn with the native operation
 * that means the same, and its answer is told as that one's: so the model, which knows no PartiQL,
 * judges both.
 */
import { DynamoError } from '../../src/base/errors.ts';
import type { Prng } from '../../src/base/prng.ts';
import type { Input } from '../model/state.ts';
import type { Reply } from './judge.ts';
import {
  type Asked,
  absent,
  distinctKeys,
  item,
  marker,
  partition,
  present,
  type Shape,
  table,
} from './operations.ts';

/** A statement, and the action of a transaction that means the same. */
interface Statement {
  readonly Statement: string;
  readonly Parameters: readonly unknown[];
  readonly kind: 'Put' | 'Update' | 'Delete' | 'Get' | 'ConditionCheck';
  readonly action: Input;
}

/** One statement, several for themselves, or a transaction of some. */
export function drawStatement(random: Prng, shape: Shape, id: number): Asked {
  const roll = random.below(6);
  if (roll === 0) return select(random, shape);
  const name = table(random);
  const keys = distinctKeys(random, shape, roll < 3 ? 1 : 4);
  const reads = random.chance(0.3);
  const all = keys.map((key, at) => {
    if (reads) return getOf(name, key);
    if (roll === 5 && at > 0 && random.chance(0.25)) return exists(name, key);
    return write(random, shape, id, name, key, roll === 5 && at === 0);
  });
  if (roll < 3) return single(returning(random, all[0] as Statement));
  return roll < 5 ? batch(all) : together(random, all, id);
}

function getOf(TableName: string, Key: Input): Statement {
  const { p, s } = Key;
  const text = `SELECT * FROM "${TableName}" WHERE p = ? AND s = ?`;
  return { Statement: text, Parameters: [p, s], kind: 'Get', action: { TableName, Key } };
}

/** `marks`: no removal, so that the ledger knows whose a transaction is. */
function write(
  random: Prng,
  shape: Shape,
  id: number,
  TableName: string,
  Key: Input,
  marks: boolean,
): Statement {
  const { p, s } = Key;
  switch (random.below(marks ? 2 : 3)) {
    case 0: {
      const Item = item(random, shape, id, Key);
      const names = Object.keys(Item).map((name) => `'${name}': ?`);
      return {
        Statement: `INSERT INTO "${TableName}" VALUE {${names.join(', ')}}`,
        Parameters: Object.values(Item),
        kind: 'Put',
        action: { TableName, Item, ...absent },
      };
    }
    case 1: {
      const [m, r] = [marker(id), { N: String(random.below(5)) }];
      return {
        Statement: `UPDATE "${TableName}" SET m = ? SET r = ? REMOVE v WHERE p = ? AND s = ?`,
        Parameters: [m, r, p, s],
        kind: 'Update',
        action: {
          TableName,
          Key,
          UpdateExpression: 'SET m = :m, r = :r REMOVE v',
          ExpressionAttributeValues: { ':m': m, ':r': r },
          ...present,
        },
      };
    }
    default:
      return {
        Statement: `DELETE FROM "${TableName}" WHERE p = ? AND s = ?`,
        Parameters: [p, s],
        kind: 'Delete',
        action: { TableName, Key },
      };
  }
}

/** Of a transaction alone: that the item is there, and what it is like. */
function exists(TableName: string, Key: Input): Statement {
  const { p, s } = Key;
  const most = { N: '3' };
  return {
    Statement: `EXISTS(SELECT * FROM "${TableName}" WHERE p = ? AND s = ? AND r < ?)`,
    Parameters: [p, s, most],
    kind: 'ConditionCheck',
    action: {
      TableName,
      Key,
      ConditionExpression: 'r < :most',
      ExpressionAttributeValues: { ':most': most },
    },
  };
}

/** The same, which perhaps answers the item as it was or is. */
function returning(random: Prng, statement: Statement): Statement {
  const { kind, action } = statement;
  if (random.chance(0.4) || (kind !== 'Update' && kind !== 'Delete')) return statement;
  const which = kind === 'Update' && random.chance(0.7) ? 'NEW' : 'OLD';
  return {
    ...statement,
    Statement: `${statement.Statement} RETURNING ALL ${which} *`,
    action: { ...action, ReturnValues: `ALL_${which}` },
  };
}

function textOf({ Statement: text, Parameters }: Statement): Input {
  return { Statement: text, Parameters };
}

/** What stands alone: EXISTS never does. */
function native({ kind, action }: Statement): Asked {
  return { operation: `${kind}Item`, input: action };
}

function single(statement: Statement): Asked {
  const input = { ...textOf(statement), ConsistentRead: true };
  const { operation, input: action } = native(statement);
  const reads = statement.kind === 'Get' ? { ConsistentRead: true } : {};
  const means = { operation, input: { ...action, ...reads } };
  return { operation: 'ExecuteStatement', input, means };
}

function batch(all: readonly Statement[]): Asked {
  const Statements = all.map((one) => ({ ...textOf(one), ConsistentRead: true }));
  const means = { operation: 'Each', input: { Each: all.map(native) } };
  return { operation: 'BatchExecuteStatement', input: { Statements }, means };
}

function together(random: Prng, all: readonly Statement[], id: number): Asked {
  const TransactItems = all.map(({ kind, action }) => ({ [kind]: action }));
  const reads = all[0]?.kind === 'Get';
  const token = !reads && random.chance(0.3) ? { ClientRequestToken: `statement${id}` } : {};
  const operation = reads ? 'TransactGetItems' : 'TransactWriteItems';
  const input = { TransactStatements: all.map(textOf), ...token };
  return {
    operation: 'ExecuteTransaction',
    input,
    means: { operation, input: { TransactItems, ...token } },
  };
}

/** A range, or a whole table. */
function select(random: Prng, shape: Shape): Asked {
  if (random.chance(0.3)) return selectIndex(random);
  const TableName = table(random);
  const ConsistentRead = random.chance(0.5);
  const Limit = random.chance(0.4) ? { Limit: 1 + random.below(5) } : {};
  if (random.chance(0.5)) {
    const input = { Statement: `SELECT * FROM "${TableName}"`, ConsistentRead, ...Limit };
    const means = { operation: 'Scan', input: { TableName, ConsistentRead, ...Limit } };
    return { operation: 'ExecuteStatement', input, means };
  }
  const p = partition(random, shape);
  const text = `SELECT * FROM "${TableName}" WHERE p = ?`;
  const input = { Statement: text, Parameters: [p], ConsistentRead, ...Limit };
  const query = { KeyConditionExpression: 'p = :p', ExpressionAttributeValues: { ':p': p } };
  const means = { operation: 'Query', input: { TableName, ConsistentRead, ...query, ...Limit } };
  return { operation: 'ExecuteStatement', input, means };
}

/** An index comes and goes: a statement that names one that is not there is refused. */
function selectIndex(random: Prng): Asked {
  const g = { S: 'xyz'[random.below(3)] };
  const low = { N: '2' };
  const Limit = random.chance(0.4) ? { Limit: 1 + random.below(5) } : {};
  const index = { TableName: 'Alpha', IndexName: 'byG', ...Limit };
  const from = 'SELECT * FROM "Alpha"."byG"';
  const [Statement, Parameters, means]: readonly [string, readonly Input[], Asked] = random.chance(
    0.3,
  )
    ? [from, [], { operation: 'Scan', input: index }]
    : [
        `${from} WHERE g = ? AND r >= ?`,
        [g, low],
        { operation: 'Query', input: indexQuery(g, low, index) },
      ];
  const given = Parameters.length === 0 ? {} : { Parameters };
  return { operation: 'ExecuteStatement', input: { Statement, ...given, ...Limit }, means };
}

function indexQuery(g: Input, low: Input, index: Input): Input {
  const KeyConditionExpression = 'g = :g AND r >= :low';
  return { ...index, KeyConditionExpression, ExpressionAttributeValues: { ':g': g, ':low': low } };
}

type Output = Readonly<Record<string, unknown>>;

/** An answer to a statement, as the operation that it means would give it. */
export function understood({ operation, means }: Asked, reply: Reply): Reply {
  if (means === undefined) return reply;
  if ('error' in reply) return { error: nativeError(reply.error) };
  const { output } = reply;
  if (operation === 'BatchExecuteStatement') return { output: { Each: eachOf(output) } };
  if (operation === 'ExecuteTransaction') return reply;
  const items = output['Items'] as readonly unknown[];
  if (means.operation === 'GetItem')
    return { output: items.length === 0 ? {} : { Item: items[0] } };
  if (means.operation !== 'Query' && means.operation !== 'Scan') {
    return { output: items.length === 0 ? {} : { Attributes: items[0] } };
  }
  // Without a filter all that is read is shown.
  return { output: { ...output, Count: items.length, ScannedCount: items.length } };
}

/** Of each statement its item, or the name of its error. */
function eachOf(output: Output): readonly Output[] {
  return (output['Responses'] as readonly Output[]).map(({ Error: error, Item }) => {
    if (error === undefined) return { Item };
    const { Code } = error as { readonly Code: string };
    return { Error: Code === 'DuplicateItem' ? 'ConditionalCheckFailed' : Code };
  });
}

/** INSERT calls what is there a duplicate; a transaction says which table is missing. */
function nativeError(error: Error): Error {
  if (error.name === 'DuplicateItemException') {
    return new DynamoError('ConditionalCheckFailedException', error.message);
  }
  const reasons = (error as Error & { members?: { CancellationReasons?: { Code: string }[] } })
    .members?.CancellationReasons;
  if (reasons === undefined) return error;
  if (reasons.some(({ Code }) => Code === 'ResourceNotFound')) {
    return new DynamoError('ResourceNotFoundException', error.message);
  }
  const CancellationReasons = reasons.map(({ Code }) => {
    return { Code: Code === 'DuplicateItem' ? 'ConditionalCheckFailed' : Code };
  });
  return new DynamoError('TransactionCanceledException', error.message, { CancellationReasons });
}
