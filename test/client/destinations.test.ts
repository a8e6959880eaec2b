import { expect, test } from 'vitest';
import { deliverThrough } from '../../src/client/destinations.ts';

test('deliveries end with the triggers of their connection', async () => {
  const asked: string[] = [];
  const connection = {
    triggers: new Map<string, { close(): Promise<void> }>(),
    call: async (operation: string): Promise<object> => {
      asked.push(operation);
      return { Destinations: [] };
    },
  };
  const ports = { clock: { wallMs: () => 0, monoMs: () => 0 }, lock: () => undefined };
  deliverThrough(connection, 'db', { arn: () => undefined }, ports);
  const [runner] = connection.triggers.values();
  await runner?.close();
  expect(asked[0]).toBe('ListDestinations');
});
