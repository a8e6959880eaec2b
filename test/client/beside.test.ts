import { expect, test } from 'vitest';
import { beside } from '../../src/client/beside.ts';
import { Connection } from '../../src/client/connection.ts';
import type { Request } from '../../src/operation/request.ts';
import { loopback } from '../../src/wire/loopback.ts';
import { serveChannel } from '../../src/wire/serve.ts';

test('what a database can do beside calls loads when it is used, and ends with it', async () => {
  const [page, worker] = loopback();
  const asked: string[] = [];
  const submit = ({ operation }: Request, done: (answer: { error: Error }) => void): void => {
    asked.push(operation);
    done({ error: new Error(`no ${operation}`) });
  };
  serveChannel({ engine: { submit }, clock: { wallMs: () => 0, monoMs: () => 0 } }, worker);
  const { methods, close } = beside('notes', new Connection(page), () => Promise.resolve());
  await expect(methods.import('Notes', [])).rejects.toThrow('no ImportBegin');
  await expect(methods.trigger('Notes', () => undefined)).rejects.toThrow('no ');
  const next = methods.live({ TableName: 'Notes' })[Symbol.asyncIterator]().next();
  await expect(next).rejects.toThrow('no LiveOpen');
  const waiting = methods.live({ TableName: 'Notes', Limit: 1 })[Symbol.asyncIterator]().next();
  close();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(asked).toContain('ImportBegin');
});
