/**
 * Mutants: deliberate mistakes in the shipped sources, which the simulation must find.
 *
 * Each is a patch as data: an exact text that is once in a file, and what takes its place. They are
 * applied to a copy of the sources for a run (scripts/mutants.mjs), never kept as switches in them.
 */

export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly breaks: string;
  /** It is looked for among devices and their hub. */
  readonly sync?: boolean;
  /** What no seeded world comes to: the test file that is to find it, and not the simulation. */
  readonly test?: string;
}

/** A source with a mutant's patch. Throws when the patch does not apply. */
export function mutate({ name, file, find, replace }: Mutant, source: string): string {
  const at = source.indexOf(find);
  if (at < 0) throw new Error(`${name}: ${file} has no such text any more`);
  if (source.indexOf(find, at + 1) >= 0) throw new Error(`${name}: ${file} has the text twice`);
  return source.slice(0, at) + replace + source.slice(at + find.length);
}
