/**
 * A text of a policy with its wildcards and variables taken apart, and whether another text fits.
 *
 * `*` stands for any text and `?` for one character where wildcards are meant; `${jwt:sub}` for
 * what the caller's token says, `${jwt:team, 'none'}` with what to take where it says nothing;
 * `${*}`, `${?}` and `${$}` for themselves. What a variable brings is compared as it is: a `*` in a
 * token is a star, never a wildcard. A claim that is a list stands for each of its texts.
 */
import { claimValuesMax, policyTextMax } from '../base/access-limits.ts';

/** What the caller's claims say, by `jwt:<claim>` and `aws:<name>` in small letters. */
export type Variables = ReadonlyMap<string, readonly string[]>;

interface Variable {
  readonly type: 'variable';
  readonly name: string;
  readonly otherwise: string | undefined;
}

type Segment =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'any' }
  | { readonly type: 'one' }
  | Variable;

export interface Template {
  readonly source: string;
  readonly segments: readonly Segment[];
  /** It is `*` alone: every text fits. */
  readonly isAll: boolean;
}

/** A text that is no template; the message says why. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}

const variable = /^([a-z]+:[^\s,'{}]{1,255})(?:\s*,\s*'([^']*)')?$/i;
const known = /^(jwt:.+|aws:(username|userid|principalarn))$/i;

/** Throws TemplateFault. */
export function parseTemplate(source: string, hasWildcards: boolean): Template {
  if (source.length > policyTextMax) {
    throw new TemplateFault(`is longer than ${policyTextMax} characters (policyTextMax)`);
  }
  const segments: Segment[] = [];
  for (let at = 0; at < source.length; ) {
    const letter = source.charAt(at);
    if (letter === '$' && source.charAt(at + 1) === '{') {
      const end = source.indexOf('}', at);
      if (end < 0) throw new TemplateFault(`has a variable without an end: ${source.slice(at)}`);
      segments.push(variableOf(source.slice(at + 2, end)));
      at = end + 1;
    } else {
      const end = textEnd(source, at, hasWildcards);
      if (end > at) segments.push({ type: 'text', text: source.slice(at, end) });
      else segments.push({ type: letter === '*' ? 'any' : 'one' });
      at = Math.max(end, at + 1);
    }
  }
  return { source, segments, isAll: segments.length === 1 && segments[0]?.type === 'any' };
}

/** Where the text that begins at `at` ends: at a variable, or at a wildcard. */
function textEnd(source: string, at: number, hasWildcards: boolean): number {
  let end = at;
  while (end < source.length) {
    const letter = source.charAt(end);
    if (hasWildcards && (letter === '*' || letter === '?')) break;
    if (letter === '$' && source.charAt(end + 1) === '{') break;
    end += 1;
  }
  return end;
}

function variableOf(inner: string): Segment {
  if (inner === '*' || inner === '?' || inner === '$') return { type: 'text', text: inner };
  const [, name, otherwise] = variable.exec(inner) ?? [];
  if (name === undefined || !known.test(name)) {
    throw new TemplateFault(
      `has the variable \${${inner}}; there are \${jwt:CLAIM}, \${aws:username}, ` +
        `\${aws:userid} and \${aws:PrincipalArn}`,
    );
  }
  return { type: 'variable', name: nameOf(name), otherwise };
}

/** Names of the `aws:` family are the same in capitals; claims are not. */
export function nameOf(name: string): string {
  return /^jwt:/i.test(name) ? `jwt:${name.slice(4)}` : name.toLowerCase();
}

/** `unknown` where a variable has no value: whoever asks decides against the caller. */
export type Fit = 'fits' | 'differs' | 'unknown';

export function fits(template: Template, text: string, variables: Variables, fold = false): Fit {
  const patterns = patternsOf(template, variables, fold);
  if (patterns === undefined) return 'unknown';
  const subject = fold ? text.toLowerCase() : text;
  return patterns.some((pattern) => matches(pattern, subject)) ? 'fits' : 'differs';
}

/**
 * The texts that it stands for under these variables, each without a wildcard; undefined where it
 * has one, or where a variable has no value.
 */
export function exactTexts(
  template: Template,
  variables: Variables,
): readonly string[] | undefined {
  const patterns = patternsOf(template, variables, false);
  if (patterns === undefined || hasWildcard(template)) return undefined;
  return patterns.map((pattern) => String.fromCharCode(...pattern));
}

/**
 * What the texts that fit begin with, where it is a text and then a single `*`; undefined of any
 * other, and where a variable has no value.
 */
export function beginnings(
  { source, segments }: Template,
  variables: Variables,
): readonly string[] | undefined {
  if (segments.at(-1)?.type !== 'any') return undefined;
  return exactTexts({ source, segments: segments.slice(0, -1), isAll: false }, variables);
}

export function hasWildcard({ segments }: Template): boolean {
  return segments.some(({ type }) => type === 'any' || type === 'one');
}

const anyText = -1;
const oneLetter = -2;
/** UTF-16 units, and the two wildcards. */
type Pattern = readonly number[];

/** One for each way to fill the variables in, or undefined where one has no value. */
function patternsOf(
  { segments }: Template,
  variables: Variables,
  fold: boolean,
): readonly Pattern[] | undefined {
  let patterns: number[][] = [[]];
  for (const segment of segments) {
    if (segment.type === 'any' || segment.type === 'one') {
      for (const pattern of patterns) pattern.push(segment.type === 'any' ? anyText : oneLetter);
      continue;
    }
    const texts = segment.type === 'text' ? [segment.text] : valuesOf(segment, variables);
    if (texts === undefined || texts.length === 0) return undefined;
    if (patterns.length * texts.length > claimValuesMax) return undefined;
    patterns = patterns.flatMap((pattern) =>
      texts.map((text) => [...pattern, ...unitsOf(fold ? text.toLowerCase() : text)]),
    );
  }
  return patterns;
}

function valuesOf(
  { name, otherwise }: Variable,
  variables: Variables,
): readonly string[] | undefined {
  return variables.get(name) ?? (otherwise === undefined ? undefined : [otherwise]);
}

function unitsOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

/**
 * Whether the whole of `text` fits. After a mismatch only the last `*` takes one letter more, so
 * the steps are at most the product of both lengths, whatever the pattern.
 */
function matches(pattern: Pattern, text: string): boolean {
  let at = 0;
  let star = -1;
  let starText = 0;
  for (let place = 0; place < text.length; ) {
    const unit = pattern[at];
    if (unit === anyText) {
      star = at;
      starText = place;
      at += 1;
    } else if (unit !== undefined && (unit === oneLetter || unit === text.charCodeAt(place))) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      starText += 1;
      place = starText;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === anyText) at += 1;
  return at === pattern.length;
}
