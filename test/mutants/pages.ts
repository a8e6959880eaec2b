/** Mutants of sweeping, trimming, reading and merging pages. */
import type { Mutant } from './mutant.ts';

export const pagesMutants: readonly Mutant[] = [
  {
    name: 'delta-base-swept',
    file: 'src/engine/sweep.ts',
    find: "if (kind === 'delta' || isNew) return [];",
    replace: 'if (isNew) return [];',
    breaks: 'The image below a delta is swept.',
  },
  {
    name: 'freed-page-stays',
    file: 'src/engine/sweep.ts',
    find: "if (kind === 'freed') return [versions(page, 0, number)];",
    replace: "if (kind === 'freed') return [versions(page, number, number)];",
    breaks: 'Versions of a freed page stay for ever.',
  },
  {
    name: 'trim-takes-all',
    file: 'src/engine/sweep.ts',
    find: "{ remove: [{ space: 'log', from: 1, to: meta.position }] },",
    replace: "{ remove: [{ space: 'log', from: 1, to: meta.position + 1 }] },",
    breaks: 'A trim takes the record above the checkpoint too.',
  },
  {
    name: 'trim-not-told',
    file: 'src/engine/sweep.ts',
    find: '{ ...now, trimmed: meta.position }',
    replace: '{ ...now, trimmed: Math.max(now.trimmed, meta.position - 1) }',
    breaks: 'Readers behind a trim are not told of its last record.',
  },
  {
    name: 'dead-pages-stay',
    file: 'src/engine/sweep.ts',
    find: 'entries.map(({ page }) => versions(page, number, number)),',
    replace: '[],',
    breaks: 'Pages of a dead number stay, and count when it is forgotten.',
  },
  {
    name: 'checkpoint-not-checked',
    file: 'src/engine/load.ts',
    find: 'if (meta.checkpoint !== checkpoint || state.meta.checkpoint !== checkpoint) {',
    replace: 'if (checkpoint < 0) {',
    breaks: "A page counts though the store's checkpoint is another.",
  },
  {
    name: 'dead-not-told',
    file: 'src/engine/load.ts',
    find: 'const dead = new Set(meta.dead);',
    replace: 'const dead = new Set<number>();',
    breaks: 'Versions of dead numbers are taken for pages.',
  },
  {
    name: 'page-checksum',
    file: 'src/pager/page.ts',
    find: 'if (u32(bytes, checksumAt) !== checksumOf(bytes, isOld ? crc32c : xxHash32)) {',
    replace: 'if (bytes.length === 0) {',
    breaks: 'Damaged pages are taken for good.',
  },
  {
    name: 'log-checksum',
    file: 'src/log/record.ts',
    find: "if (view.getUint32(checksumAt, true) !== sum) throw bad('bad checksum');",
    replace: '',
    breaks: 'Damaged log records are taken for good.',
  },
  {
    name: 'removal-not-in-delta',
    file: 'src/tree/merge-run.ts',
    find: 'if (value === undefined) delta.push(removedCell(key));',
    replace: '',
    breaks: 'A delta forgets what was removed.',
  },
  {
    name: 'large-values-leak',
    file: 'src/tree/merge-run.ts',
    find: `        this.#freeValue(page, at);
`,
    replace: '',
    breaks: 'Pages of a large value stay when it is replaced.',
  },
  {
    name: 'look-ahead-believed',
    file: 'src/engine/call.ts',
    find: '    context.reader = reader;\n    context.forgetAccesses();',
    replace: '    context.forgetAccesses();',
    breaks: 'What lies in an absent page is taken for absent by who looked ahead once.',
  },
  {
    name: 'waiting-for-pages-forgotten',
    file: 'src/engine/turn.ts',
    find: 'for (const go of this.#waiting.splice(0).reverse()) go();',
    replace: '',
    breaks: 'Writes that wait for others to be done with their pages wait for ever.',
    test: 'test/engine/scout.test.ts',
  },
];
