import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

test('the README shows the live query to the letter', () => {
  const program = read('examples/live-query/main.ts');
  const shown = program.slice(program.indexOf('const best ='), program.indexOf('\nawait db.close'));
  expect(read('README.md')).toContain(`\`\`\`ts\n${shown}\`\`\``);
});
