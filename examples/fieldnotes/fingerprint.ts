/**
 * A fingerprint of everything that a device or the hub stores of the team: equal ones mean equal
 * items, to the last byte of the last photo.
 */
export type Scan = (table: string) => AsyncIterable<Readonly<Record<string, unknown>>>;

const shownDigits = 12;

/** The first digits of the SHA-256 of all items, in the order of their own texts. */
export async function fingerprintOf(tables: readonly string[], scan: Scan): Promise<string> {
  const texts: string[] = [];
  for (const table of tables) {
    for await (const item of scan(table)) texts.push(`${table} ${canonical(item)}`);
  }
  const bytes = new TextEncoder().encode(texts.toSorted().join('\n'));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, hex).join('').slice(0, shownDigits);
}

function canonical(value: unknown): string {
  if (value instanceof Uint8Array) return `b${Array.from(value, hex).join('')}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join()}}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
