/**
 * A process of its own: the endpoint over memory, with one table of 1,000 small items. Prints its
 * port, and ends when its input does.
 */
import { serve } from '../../../src/host/http.ts';
import { openNodeDatabase } from '../../../src/host/node.ts';
import { owner } from '../../../src/operation/request.ts';
import { itemOf } from '../items.ts';
import { tableOf } from '../tidetable.ts';

const items = 1000;
const engine = await openNodeDatabase({ memory: true, scrub: false });
const call = (operation: string, input: object) =>
  engine.call({ operation, input, form: 'plain', caller: owner });
await call('CreateTable', tableOf(1));
for (let at = 0; at < items; at += 1) {
  await call('PutItem', { TableName: 'Bench', Item: itemOf(at) });
}
const server = await serve({ engine, port: 0 });
console.log(server.port);
process.stdin.resume();
process.stdin.on('end', async () => {
  await server.close();
  await engine.close();
});
