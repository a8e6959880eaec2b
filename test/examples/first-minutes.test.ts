import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

test('the README shows the first program to the letter', () => {
  const [, ...program] = read('examples/first-minutes/main.ts').split('\n');
  expect(read('README.md')).toContain(`\`\`\`ts\n${program.join('\n')}\`\`\``);
});
