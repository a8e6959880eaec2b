/**
 * ARNs of tables, indexes and streams: how they are written, and which parts a given one has.
 *
 * A table is asked for by name or by ARN, so every look-up starts here.
 */

export interface ResourceArn {
  readonly region: string;
  readonly account: string;
  /** `table`, `global-table`, ...: what stands before the first slash. */
  readonly kind: string;
  /** The table's name. */
  readonly table: string;
  /** `stream/<label>`, `index/<name>`, `backup/<id>` without the first slash; empty for a table. */
  readonly rest: string;
}

export function tableArn(region: string, account: string, table: string): string {
  return `arn:aws:dynamodb:${region}:${account}:table/${table}`;
}

export function indexArn(ofTable: string, index: string): string {
  return `${ofTable}/index/${index}`;
}

export function streamArn(ofTable: string, label: string): string {
  return `${ofTable}/stream/${label}`;
}

export function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

/** The parts of a DynamoDB ARN that names a table, or undefined when it is none. */
export function parseArn(text: string): ResourceArn | undefined {
  const match = /^arn:aws[a-z-]*:dynamodb:([^:]*):([^:]*):([^/:]+)\/([^/]+)(?:\/(.*))?$/s.exec(
    text,
  );
  if (match === null) return undefined;
  const [, region = '', account = '', kind = '', table = '', rest = ''] = match;
  return { region, account, kind, table, rest };
}

/** The table's name in a name or an ARN; a text that is neither is its own name. */
export function tableNameOf(nameOrArn: string): string {
  if (!isArn(nameOrArn)) return nameOrArn;
  return parseArn(nameOrArn)?.table ?? nameOrArn;
}
