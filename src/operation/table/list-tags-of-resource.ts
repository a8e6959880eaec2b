/**
 * ListTagsOfResource: the tags of a table, in the order of their keys, ten to a page.
 *
 * A NextToken is the last key of a page in hexadecimal, so that tags which come or go between two
 * pages neither repeat nor hide another.
 */
import { hexOf, fromHex, textOf, utf8 } from '../../base/bytes.ts';
import { validation } from '../../base/errors.ts';
import { tagsPageMax } from '../../base/limits.ts';
import { string, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn } from './shapes.ts';
import { checkResourceArn, missingResource, taggedTable } from './tags.ts';

export const ListTagsOfResource: Operation = operation({
  name: 'ListTagsOfResource',
  kind: 'read',
  input: struct({ ResourceArn: resourceArn.required, NextToken: string() }),
  check(input) {
    checkResourceArn(input.ResourceArn);
    return { arn: input.ResourceArn, after: input.NextToken && keyOfToken(input.NextToken) };
  },
  plan({ arn, after }, context) {
    return { table: taggedTable(arn, context, missingResource(arn)), after };
  },
  decide({ table, after }) {
    const rest = [...table.tags.keys()].sort().filter((key) => after === undefined || key > after);
    const page = rest.slice(0, tagsPageMax);
    const last = page.at(-1);
    const more = rest.length > page.length && last !== undefined;
    return {
      output: {
        Tags: page.map((Key) => ({ Key, Value: table.tags.get(Key) })),
        ...(more && { NextToken: hexOf(utf8(last)) }),
      },
    };
  },
  // What another tab has tagged is visible at once.
  consistent: () => true,
});

function keyOfToken(token: string): string {
  if (!/^(?:[0-9a-f]{2})+$/.test(token)) throw validation('Invalid NextToken');
  return textOf(fromHex(token));
}
