/**
 * The words of PartiQL that are no names without quotes, in any letter case: SQL's of 1992, and the
 * language's own. The reference says that reserved words need quotes; which they are is from
 * DynamoDB Local, whose parser was asked for each of 607 words in four places.
 */
import { statementWords } from '../expression/reserved.ts';

const others =
  'BAG BIT_LENGTH BOOL CHARACTER_LENGTH CHAR_LENGTH CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP ' +
  'CURRENT_USER DATE_ADD DATE_DIFF LET MODIFIED OCTET_LENGTH PIVOT REMOVE SESSION_USER SEXP ' +
  'SYMBOL SYSTEM_USER UNPIVOT';

const keywords: ReadonlySet<string> = new Set([
  ...statementWords.map((word) => word.toUpperCase()),
  ...others.split(' '),
]);

/** Of a word in capitals. */
export function isKeyword(word: string): boolean {
  return keywords.has(word);
}

export const keywordCount: number = keywords.size;
