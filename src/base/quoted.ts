/**
 * What a refusal quotes of a caller's list: all of it, within a bound. A request of 16 MB may have
 * millions of elements, and to print them all would take half a minute.
 */
import { quotedTextMax } from './limits.ts';

/** The texts of the elements with commas between them; `...` for those beyond the bound. */
export function quoted<T>(elements: readonly T[], textOf: (element: T) => string): string {
  let text = '';
  for (const [at, element] of elements.entries()) {
    if (text.length > quotedTextMax) return `${text}, ...`;
    text += at === 0 ? textOf(element) : `, ${textOf(element)}`;
  }
  return text;
}
