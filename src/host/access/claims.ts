/**
 * The claims of a token, or those that a key is given, as the variables that policies use.
 *
 * A claim inside another is named with dots, `jwt:app.team`; one of the top goes first where both
 * have a name. Texts, numbers and truth values become text, lists of them several texts; everything
 * else is left out, and so is what is longer or deeper than its limit: policies judge a claim that
 * is not there against the caller. Names come from others: Maps, never objects.
 */
import {
  claimDepthMax,
  claimsMax,
  claimTextMax,
  claimValuesMax,
} from '../../base/access-limits.ts';

export type Claims = ReadonlyMap<string, readonly string[]>;

/** Undefined where there are more claims than claimsMax. */
export function claimsOf(payload: object): Claims | undefined {
  const claims = new Map<string, readonly string[]>();
  let level: readonly (readonly [name: string, value: unknown])[] = Object.entries(payload);
  for (let depth = 0; depth < claimDepthMax && level.length > 0; depth += 1) {
    if (level.length > claimsMax) return undefined;
    const next: (readonly [string, unknown])[] = [];
    for (const [name, value] of level) {
      const texts = textsOf(value);
      if (texts !== undefined) {
        const isFree = !claims.has(`jwt:${name}`);
        if (isFree && areBounded(texts)) claims.set(`jwt:${name}`, texts);
      } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        for (const [inner, one] of Object.entries(value)) next.push([`${name}.${inner}`, one]);
      }
    }
    level = next;
  }
  return claims.size > claimsMax ? undefined : claims;
}

function textsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.every((one) => ['string', 'number', 'boolean'].includes(typeof one))
    ? list.map(String)
    : undefined;
}

function areBounded(texts: readonly string[]): boolean {
  return texts.length <= claimValuesMax && texts.every((text) => text.length <= claimTextMax);
}

/** The text of a claim that has exactly one; undefined otherwise. */
export function onlyClaim(claims: Claims, name: string): string | undefined {
  const [text, ...more] = claims.get(`jwt:${name}`) ?? [];
  return text === '' || more.length > 0 ? undefined : text;
}
