/**
 * A Database as programs hold it: one method per DynamoDB operation, over a Connection.
 *
 * The methods are made from the list of operations, so that the page's bundle carries names only;
 * `operation-methods.ts` says what each takes and gives. It loads beside the start of the worker,
 * to keep the entry small, so it imports nothing that the entry has, and is handed what it needs.
 */
import { closeWaitMs } from '../base/limits.ts';
import type {
  CompactReport,
  ContributorsOptions,
  ContributorsReport,
  RepairOptions,
  RepairReport,
  ScrubReport,
  SizeReport,
  SizesOptions,
  WorkOptions,
} from '../engine/engine-types.ts';
import type { NoticeType, Notify } from '../port/notice.ts';
import type { DatabaseStatus, Maintenance } from '../wire/control.ts';
import type { Beside, BesideMethods } from './beside.ts';
import type { CallOptions, Connection } from './connection.ts';
import type { DatabaseError } from './errors.ts';
import type { OperationMethods } from './operation-methods.ts';
import type { within } from './within.ts';

/**
 * An open database. Inputs are DynamoDB's, with plain JavaScript values; an input is read at the
 * end of the current microtask, so it must not be changed before the first `await`.
 */
export interface Database extends OperationMethods, BesideMethods {
  readonly name: string;
  /** The region that ARNs name. */
  readonly region: string;
  /** Any operation by its DynamoDB name; the method of that name is the same with types. */
  call(operation: string, input: object, options?: CallOptions): Promise<object>;
  status(): Promise<DatabaseStatus>;
  /** Writes a checkpoint now instead of when the log has grown. */
  checkpoint(): Promise<void>;
  /** Rewrites pages that are sparse or in pieces; calls go on meanwhile. */
  compact(options?: WorkOptions): Promise<CompactReport>;
  /** What tables and indexes hold, and with `pages` what they take in the store. */
  sizes(options?: SizesOptions): Promise<SizeReport>;
  /**
   * The keys that this tab's calls consumed most of, in the last minutes, of a table or index with
   * contributor insights on (docs/insights.md).
   */
  contributors(options: ContributorsOptions): Promise<ContributorsReport>;
  /** Reads all that is stored, compares items, indexes and counters, and mends what differs. */
  scrub(options?: WorkOptions): Promise<ScrubReport>;
  /** Brings back what can be of the damage that `status` shows, and gives up the rest. */
  repair(options?: RepairOptions): Promise<RepairReport>;
  /**
   * Calls `listener` for every notice of this type (port/notice.ts), and for those that came before
   * anybody listened. Answers a function that ends it.
   */
  on(type: NoticeType, listener: Notify): () => void;
  /**
   * Lets calls under way end, for at most closeWaitMs, then closes; later calls are rejected. May
   * be called again.
   */
  close(): Promise<void>;
}

/** Options of any of the five. */
export type MaintenanceOptions = SizesOptions & RepairOptions & Partial<ContributorsOptions>;

/** The rest of what a database needs besides its calls. */
export interface DatabaseControl {
  readonly within: typeof within;
  /** What calls are rejected with from the moment it is closed. */
  closed(): DatabaseError;
  readonly beside: Beside;
  readonly status: () => Promise<DatabaseStatus>;
  readonly checkpoint: () => Promise<void>;
  maintain(name: Maintenance['name'], options: MaintenanceOptions): Promise<unknown>;
  /** Called once, when no call is under way. */
  close(): Promise<void>;
  /** Called at last, when closing is over or has taken too long. */
  end?(reason: DatabaseError): void;
}

const maintenance: readonly Maintenance['name'][] = [
  'compact',
  'sizes',
  'contributors',
  'scrub',
  'repair',
];

export function createDatabase(
  name: string,
  region: string,
  connection: Connection,
  control: DatabaseControl,
): Database {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const reason = control.closed();
    control.beside.close();
    try {
      await control.within(
        closeWaitMs,
        Promise.all([...connection.triggers.values()].map((one) => one.close()))
          .then(() => connection.drain(reason))
          .then(() => control.close()),
      );
    } finally {
      connection.fail(reason);
      control.end?.(reason);
    }
  };
  const database: Record<string, unknown> = {
    name,
    region,
    call: (operation: string, input: object, options?: CallOptions) =>
      connection.call(operation, input, options),
    ...control.beside.methods,
    status: control.status,
    checkpoint: control.checkpoint,
    on: (type: NoticeType, listener: Notify) => connection.notices.on(type, listener),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
  for (const name of maintenance) {
    database[name] = (options: MaintenanceOptions = {}) => control.maintain(name, options);
  }
  for (const operation of control.beside.operations) {
    database[(operation[0] as string).toLowerCase() + operation.slice(1)] = (
      input: object = {},
      options?: CallOptions,
    ) => connection.call(operation, input, options);
  }
  return database as unknown as Database;
}
