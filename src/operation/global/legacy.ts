/**
 * The global tables of 2017: what an account answers that never had one (reference/operations.md,
 * section 9). Tables of several regions are those of 2019, by UpdateTable.
 */
import { DynamoError, invalid } from '../../base/errors.ts';
import { integer, list, string, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';

const name = string({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' }).required;
const replica = struct({ RegionName: string() }, 'Replica');
const update = struct(
  {
    Create: struct({ RegionName: string().required }, 'CreateReplicaAction'),
    Delete: struct({ RegionName: string().required }, 'DeleteReplicaAction'),
  },
  'ReplicaUpdate',
);

export const CreateGlobalTable: Operation = unsupported('CreateGlobalTable', {
  GlobalTableName: name,
  ReplicationGroup: list(replica).required,
});

export const UpdateGlobalTable: Operation = unsupported('UpdateGlobalTable', {
  GlobalTableName: name,
  ReplicaUpdates: list(update).required,
});

export const UpdateGlobalTableSettings: Operation = unsupported('UpdateGlobalTableSettings', {
  GlobalTableName: name,
});

export const DescribeGlobalTable: Operation = unknown(
  'DescribeGlobalTable',
  (asked) => `Global table not found: Global table with name: '${asked}' does not exist.`,
);

export const DescribeGlobalTableSettings: Operation = unknown(
  'DescribeGlobalTableSettings',
  (asked) => `Global table with name: '${asked}' does not exist.`,
);

export const ListGlobalTables: Operation = operation({
  name: 'ListGlobalTables',
  kind: 'read',
  input: struct({
    ExclusiveStartGlobalTableName: string({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' }),
    Limit: integer({ min: 1 }),
    RegionName: string(),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide: () => ({ output: { GlobalTables: [] } }),
});

function unsupported(operationName: string, fields: Parameters<typeof struct>[0]): Operation {
  return operation({
    name: operationName,
    kind: 'write',
    input: struct(fields),
    check(): never {
      throw invalid(
        'DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB ' +
          'global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).',
      );
    },
    plan: (input) => input,
    decide: () => ({ output: {} }),
  });
}

function unknown(operationName: string, text: (name: string) => string): Operation {
  return operation({
    name: operationName,
    kind: 'read',
    input: struct({ GlobalTableName: name }),
    check: (input) => input,
    plan({ GlobalTableName }): never {
      throw new DynamoError('GlobalTableNotFoundException', text(GlobalTableName));
    },
    decide: () => ({ output: {} }),
  });
}
