/**
 * Names as they are searched: lower case, without accents, letters that are none of a to z spelled
 * so.
 *
 * `São Paulo`, `SAO PAULO` and `sao paulo` fold to `sao-paulo`. A range key holds the folded name,
 * so that a prefix is a range of keys and a search is a Query. Words are parted by `-`, which
 * sorts after the `#` that ends a name in its key: so São Paulo comes before São Paulo de
 * Olivença.
 */

/** Letters that decomposition leaves whole. */
const spelled: ReadonlyMap<string, string> = new Map([
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ß', 'ss'],
  ['ð', 'd'],
  ['đ', 'd'],
  ['ɖ', 'd'],
  ['þ', 'th'],
  ['ł', 'l'],
  ['ħ', 'h'],
  ['ı', 'i'],
  ['ə', 'e'],
  ['ŋ', 'n'],
  ['ŧ', 't'],
]);

/** A whole name, folded: `L'Haÿ-les-Roses` is `lhay-les-roses`. */
export function foldName(name: string): string {
  return foldPrefix(name).replace(/-$/, '');
}

/** What was typed so far; a space at its end counts, for it ends a word. */
export function foldPrefix(typed: string): string {
  const bare = typed.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const plain = [...bare].map((letter) => spelled.get(letter) ?? letter).join('');
  // Apostrophes vanish; all else that is no letter or digit parts words.
  return plain
    .replace(/['’‘ʼ`´]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-/, '');
}

/** The partition a folded name is in: its first letter. A name of signs alone has `#`. */
export function initialOf(folded: string): string {
  return [...folded][0] ?? '#';
}
