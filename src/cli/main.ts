#!/usr/bin/env node
/**
 * The `tidetable` command. Ends with 0, with 2 for what was typed, with 1 for what went wrong.
 */
import { UsageError } from './arguments.ts';
import { runServe } from './serve.ts';

const commands: ReadonlyMap<string, (argv: readonly string[]) => Promise<void>> = new Map([
  ['serve', runServe],
]);

const help = `Usage: tidetable COMMAND [options]

  serve   DynamoDB's HTTP endpoint on this machine

tidetable COMMAND --help says more.
`;

async function main(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(help);
    return;
  }
  const command = commands.get(name);
  if (command === undefined) {
    throw new UsageError(`unknown command: ${name} (there is: ${[...commands.keys()].join(', ')})`);
  }
  await command(rest);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`tidetable: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
