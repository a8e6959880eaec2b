/**
 * The envelope that some regions put around refusals since the middle of 2026.
 *
 * What a request alone is refused for is then told behind `1 validation error detected: ` by some
 * operations, while Scan and TransactWriteItems tell it bare; other regions have no envelope
 * (reference/protocol.md, section 6, "envelope drift"). Here it is off unless asked for.
 * Whoever asks the judge has passed the operation's check, so what is refused before is enveloped.
 */
import { DynamoError } from '../base/errors.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Judge } from '../operation/request.ts';

const envelope = '1 validation error detected: ';
/** All that was seen to have it; a region may have it on fewer. */
const operations = ['PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'BatchGetItem', 'Query'];
/** Of a Query, only what its Select is refused for. */
const aboutSelect = /when choosing to get|can be used only when Querying/;
/** A constraint's text has it already. */
const enveloped = /^\d+ validation errors? detected: /;

/** Calls of `engine`, whose refusals by those operations are told in the envelope. */
export function withEnvelope(
  engine: Pick<Engine, 'call'>,
  names: readonly string[] = operations,
): Pick<Engine, 'call'> {
  const told = new Set(names);
  return {
    async call(request) {
      let isChecked = false;
      const judge: Judge = (operation, input, context) => {
        isChecked = true;
        request.judge?.(operation, input, context);
      };
      try {
        return await engine.call({ ...request, judge });
      } catch (error) {
        if (isChecked || !told.has(request.operation)) throw error;
        if (!isBare(request.operation, error)) throw error;
        const { name, message, members, sizeRead } = error;
        throw new DynamoError(name, envelope + message, members, sizeRead);
      }
    },
  };
}

function isBare(operation: string, error: unknown): error is DynamoError {
  if (!(error instanceof DynamoError) || error.name !== 'ValidationException') return false;
  const { message } = error;
  return !enveloped.test(message) && (operation !== 'Query' || aboutSelect.test(message));
}
