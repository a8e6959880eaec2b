/**
 * A command's options out of its arguments: `--name value`, `--name=value` and flags. What may be
 * given more than once comes as one text, a line each.
 *
 * Node's own parser says in three sentences what is wrong; here it is one line that names the
 * option.
 */

/** What the caller typed cannot be carried out; the message is all there is to say. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Option names to what follows them: a value, several of them, or nothing. */
export type OptionKinds = Readonly<Record<string, 'value' | 'values' | 'flag'>>;

/** The options given, by name; a flag's value is empty. Throws UsageError. */
export function parseOptions(
  argv: readonly string[],
  kinds: OptionKinds,
): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] as string;
    if (!argument.startsWith('--')) throw new UsageError(`unexpected argument: ${argument}`);
    const equals = argument.indexOf('=');
    const name = argument.slice(2, equals < 0 ? undefined : equals);
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) throw new UsageError(`unknown option: --${name}`);
    const before = options.get(name);
    if (before !== undefined && kind !== 'values') {
      throw new UsageError(`--${name} is given twice`);
    }
    if (kind === 'flag') {
      if (equals >= 0) throw new UsageError(`--${name} takes no value`);
      options.set(name, '');
      continue;
    }
    const value = equals >= 0 ? argument.slice(equals + 1) : argv[++at];
    if (value === undefined || value === '' || (equals < 0 && value.startsWith('--'))) {
      throw new UsageError(`--${name} needs a value`);
    }
    options.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  return options;
}

/** A TCP port. Throws UsageError. */
export function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError(`--port needs a number from 0 to 65535, not ${text}`);
  return port;
}
