/**
 * Numbers that a JavaScript number cannot hold, in the plain form of values.
 *
 * It extends String because structured clone, which carries values between page and worker, keeps
 * the text of a boxed String (and drops the class): so `plain.ts` takes any boxed String for a
 * number. This file is part of the page's bundle and imports nothing.
 */

/** A number that keeps its digits, up to 38: `new NumberValue('0.1000000000000000055511')`. */
export class NumberValue extends String {}

/** A canonical decimal as a number where that is exact, else as a NumberValue. */
export function plainNumber(text: string): number | NumberValue {
  const number = Number(text);
  // 15 digits always survive; beyond, the shortest digits of the double must be the digits given.
  if (text.length < 16 || digits(text) === digits(number.toExponential().replace(/e.*/, ''))) {
    return number;
  }
  return new NumberValue(text);
}

function digits(text: string): string {
  return text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
}
