/**
 * The operations of tables of several regions: given to an engine by the hosts that replicate,
 * beside those of operation/replica. Two take the place of rows that every engine has.
 */
import type { Operation } from '../operation.ts';
import {
  CreateGlobalTable,
  DescribeGlobalTable,
  DescribeGlobalTableSettings,
  ListGlobalTables,
  UpdateGlobalTable,
  UpdateGlobalTableSettings,
} from './legacy.ts';
import { DescribeGlobalReplicas, UpdateGlobalTableReplicas } from './update-global-table.ts';

export const globalOperations: readonly Operation[] = [
  UpdateGlobalTableReplicas,
  DescribeGlobalReplicas,
  CreateGlobalTable,
  DescribeGlobalTable,
  DescribeGlobalTableSettings,
  ListGlobalTables,
  UpdateGlobalTable,
  UpdateGlobalTableSettings,
];
