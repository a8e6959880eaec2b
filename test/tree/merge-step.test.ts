import { describe, expect, test } from 'vitest';
import { buildOverflow } from '../../src/pager/node.ts';
import { Page } from '../../src/pager/page.ts';
import { loadFirst } from '../../src/tree/merge-step.ts';

function pageOf(id: number): Page {
  const bytes = buildOverflow(id, 1, new Uint8Array(1));
  return new Page({ kind: 'overflow', id, checkpoint: 1, previous: 0 }, bytes);
}

describe('a page that a merge needs', () => {
  test('is asked for, with the absent ones of those wanted next, until it is there', () => {
    const pages = new Map([[302, pageOf(302)]]);
    const steps = loadFirst(pages, [301, 302, 303]);
    const need = { done: false, value: { kind: 'need', pages: [301, 303] } };
    expect(steps.next()).toEqual(need);
    expect(steps.next()).toEqual(need);
    const page = pageOf(301);
    pages.set(301, page);
    expect(steps.next()).toEqual({ done: true, value: page });
  });

  test('is not asked for when it is there, whatever else is absent', () => {
    const page = pageOf(301);
    const steps = loadFirst(new Map([[301, page]]), [301, 302]);
    expect(steps.next()).toEqual({ done: true, value: page });
  });
});
