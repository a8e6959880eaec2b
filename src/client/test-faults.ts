/**
 * Faults on request, for users' tests: refused calls and a disk that fails.
 */
import { DynamoError, type ErrorName } from '../base/errors.ts';
import { cancelled } from '../operation/item/cancellation.ts';
import type { FaultKind, FaultPlan } from '../port/fault.ts';
import { faultTexts, reasonText } from './fault-texts.ts';

interface Refusal {
  readonly operation: string;
  readonly error: DynamoError;
  left: number;
}

interface DiskFault {
  readonly on: 'read' | 'write';
  readonly kind: FaultKind;
  left: number;
}

export class TestFaults {
  readonly #refusals: Refusal[] = [];
  readonly #diskFaults: DiskFault[] = [];

  /**
   * The next `times` calls of `operation` (`PutItem`, or `*` for any) are refused with this error
   * of DynamoDB's, in its words where they are always the same, and carried out in no part.
   */
  refuse(
    operation: string,
    name: ErrorName,
    message: string = faultTexts.get(name) ?? `${name} asked for by the test`,
    times: number = 1,
  ): void {
    this.#refusals.push({ operation, error: new DynamoError(name, message), left: times });
  }

  /**
   * The next `times` calls of `operation`, a transaction, are cancelled for reasons of these codes,
   * one for each action: `None`, `TransactionConflict`, `ThrottlingError` and so on.
   */
  cancel(operation: string, codes: readonly string[], times: number = 1): void {
    const error = cancelled(
      codes.map((Code) => {
        const Message = reasonText(Code);
        return Message === undefined ? { Code } : { Code, Message };
      }),
    );
    this.#refusals.push({ operation, error, left: times });
  }

  /**
   * The next `times` reads or writes of the store fail. `full`: refused for want of space. `lost`:
   * not carried out, and nobody knows. `lost-after`: carried out, and nobody knows.
   */
  failStore(on: 'read' | 'write', kind: FaultKind, times: number = 1): void {
    this.#diskFaults.push({ on, kind, left: times });
  }

  /** Forgets all faults that were asked for. */
  clear(): void {
    this.#refusals.length = 0;
    this.#diskFaults.length = 0;
  }

  /** The error a call of `operation` is refused with now, if any. */
  takeRefusal(operation: string): DynamoError | undefined {
    return takeFirst(this.#refusals, (one) => one.operation === operation || one.operation === '*')
      ?.error;
  }

  /** For the store. */
  readonly plan: FaultPlan = (site) => {
    const on = site === 'store.write' ? 'write' : 'read';
    return takeFirst(this.#diskFaults, (one) => one.on === on)?.kind;
  };
}

function takeFirst<T extends { left: number }>(
  list: T[],
  fits: (one: T) => boolean,
): T | undefined {
  const at = list.findIndex(fits);
  const found = list[at];
  if (found === undefined) return undefined;
  found.left -= 1;
  if (found.left <= 0) list.splice(at, 1);
  return found;
}
