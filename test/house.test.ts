/**
 * The house rules of docs/architecture.md, checked: floors, purity, length, names, limits, mirrors.
 *
 * Each test lists what breaks its rule, so that a failure names the place to mend.
 */
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  exists,
  hasCode,
  importsOf,
  lineCount,
  listFiles,
  place,
  readSource,
  resolveImport,
  type SourceFile,
  walk,
} from './support/source.ts';

/** Folders of src by floor; a folder that is missing here fails the first test. */
const floors: readonly (readonly string[])[] = [
  ['base', 'port'],
  ['value'],
  ['shape', 'expression', 'pager', 'log'],
  ['tree', 'partiql'],
  ['table'],
  ['capacity', 'access', 'stream', 'replica', 'backup', 'insight', 'live'],
  ['operation'],
  ['engine'],
  ['wire', 'storage', 'sync'],
  ['client', 'host'],
  ['console', 'cli'],
];
/** The entry points, in src/ itself and in worker/, stand above all. */
const roof = floors.length;
const engineFloor = 7;

const fileLinesMax = 500;
const testLinesMax = 700;
const columnsMax = 100;
const functionLinesMax = 60;
const headerLinesMax = 20;

const read = (paths: readonly string[]): readonly SourceFile[] => paths.map(readSource);
const sources = read(listFiles('src', ['.ts']));
const workers = read(listFiles('worker', ['.ts']));
const tests = read(listFiles('test', ['.ts']));
const others = read(
  ['scripts', 'examples', 'build'].flatMap((folder) => listFiles(folder, ['.ts', '.mjs'])),
);
const product = [...sources, ...workers];
const everything = [...product, ...tests, ...others];

function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function floorOf(path: string): number {
  const folder = folderOf(path);
  return folder === undefined ? roof : floors.findIndex((names) => names.includes(folder));
}

function isDeclaration(path: string): boolean {
  return path.endsWith('.d.ts');
}

describe('floors', () => {
  test('every folder of src has one', () => {
    const homeless = sources.map(({ path }) => path).filter((path) => floorOf(path) < 0);
    expect(homeless).toEqual([]);
  });

  test('a file imports from lower floors and its own folder only', () => {
    const wrong: string[] = [];
    for (const file of product) {
      const floor = floorOf(file.path);
      for (const specifier of importsOf(file)) {
        const target = resolveImport(file, specifier);
        if (target === undefined) continue;
        if (!target.startsWith('src/') && !target.startsWith('worker/')) {
          wrong.push(`${file.path} imports ${target}, which is not of the product`);
        } else if (floorOf(target) > floor) {
          wrong.push(`${file.path} (floor ${floor}) imports ${target} (${floorOf(target)})`);
        } else if (floorOf(target) === floor && folderOf(target) !== folderOf(file.path)) {
          wrong.push(`${file.path} imports its neighbour ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the model knows what an item and an expression is, and nothing above', () => {
    const wrong: string[] = [];
    const isKnown = /^(src\/(base|value|expression)|test\/model)\//;
    const model = tests.filter(({ path }) => path.startsWith('test/model/'));
    for (const file of model) {
      for (const specifier of importsOf(file)) {
        const target = resolveImport(file, specifier);
        if (target === undefined || isKnown.test(target)) continue;
        wrong.push(`${file.path} imports ${target}`);
      }
    }
    expect(model).not.toEqual([]);
    expect(wrong).toEqual([]);
  });

  test('every import of a file names one that is there, with its ending', () => {
    const wrong: string[] = [];
    for (const file of everything) {
      for (const specifier of importsOf(file)) {
        const target = resolveImport(file, specifier);
        if (target === undefined || target.startsWith('dist/')) continue;
        if (!exists(target) || !/\.\w+$/.test(target)) wrong.push(`${file.path}: ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('no file imports itself, by whatever way', () => {
    const graph = new Map<string, readonly string[]>();
    for (const file of product) {
      const targets = importsOf(file).map((specifier) => resolveImport(file, specifier));
      graph.set(
        file.path,
        targets.filter((target) => target !== undefined),
      );
    }
    expect(findCycles(graph)).toEqual([]);
  });
});

/** Cycles of a graph, each once, found by a depth-first walk. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cycles: string[] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): void => {
    if (finished.has(name)) return;
    const start = path.indexOf(name);
    if (start >= 0) {
      cycles.push([...path.slice(start), name].join(' -> '));
      return;
    }
    path.push(name);
    for (const next of graph.get(name) ?? []) visit(next);
    path.pop();
    finished.add(name);
  };
  for (const name of graph.keys()) visit(name);
  return cycles;
}

/** What a pure file may not speak of: it waits, or reaches outside. */
const impure = new Set([
  'Promise',
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'crypto',
  'indexedDB',
  'fetch',
  'process',
  'performance',
  'console',
  'navigator',
  'localStorage',
  'globalThis',
  'window',
  'Buffer',
]);

/** True for `process` in `process.exit()`, false in `job.process` and `{ process: 1 }`. */
function standsAlone(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (ts.isQualifiedName(parent)) return parent.right !== node;
  const isName =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent);
  return !(isName && parent.name === node);
}

/** Names that a file declares itself: its own `fetch` is not the browser's. */
function declaredIn(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  walk(file, (node) => {
    const declares =
      ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isFunctionDeclaration(node);
    if (declares && node.name !== undefined && ts.isIdentifier(node.name))
      names.add(node.name.text);
  });
  return names;
}

function isRandom(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random';
}

describe('floors 0 to 6 are pure', () => {
  const pure = sources.filter(({ path }) => floorOf(path) < engineFloor);

  test('nothing in them waits, asks the time or chance, or reaches outside', () => {
    const wrong: string[] = [];
    for (const file of pure) {
      const isPort = folderOf(file.path) === 'port';
      const own = declaredIn(file);
      walk(file, (node) => {
        const waits =
          node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitKeyword;
        const promised = isPort && ts.isIdentifier(node) && node.text === 'Promise';
        const reaches =
          ts.isIdentifier(node) &&
          impure.has(node.text) &&
          standsAlone(node) &&
          !own.has(node.text);
        if (waits || isRandom(node) || (reaches && !promised)) {
          wrong.push(`${place(file, node)} ${node.getText()}`);
        }
      });
    }
    expect(wrong).toEqual([]);
  });

  test('they import no package', () => {
    const wrong = pure.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !specifier.startsWith('.'))
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Characters of a line, not counting a long text: DynamoDB's messages are kept in one piece. */
function columnsOf(line: string): number {
  return [...line.replace(/(['"`])(?:(?!\1).){60,}\1/g, '')].length;
}

describe('files', () => {
  test(`are at most ${fileLinesMax} lines, tests ${testLinesMax}`, () => {
    const long = everything.flatMap(({ path, lines }) => {
      const most = path.startsWith('test/') ? testLinesMax : fileLinesMax;
      return lines.length - 1 > most ? [`${path}: ${lines.length - 1}`] : [];
    });
    expect(long).toEqual([]);
  });

  test(`have lines of at most ${columnsMax} columns`, () => {
    const wide = everything.flatMap(({ path, lines }) =>
      lines.flatMap((line, at) => (columnsOf(line) > columnsMax ? [`${path}:${at + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });

  test('of the product open with a comment of at most 20 lines', () => {
    const wrong = product.flatMap(({ path, text }) => {
      const header = /^(#!.*\n)?(\/\*[\s\S]*?\*\/|(\/\/.*\n)+)/.exec(text)?.[0];
      if (header === undefined) return [`${path}: none`];
      const lines = header.trimEnd().split('\n').length;
      return lines > headerLinesMax ? [`${path}: ${lines}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test('have no open ends', () => {
    // Spelled apart, so that this file does not report itself.
    const open = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
    const found = everything.flatMap(({ path, lines }) =>
      lines.flatMap((line, at) => (open.test(line) ? [`${path}:${at + 1}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('are no index files but the entry point, and no drawers for everything', () => {
    const wrong = everything
      .map(({ path }) => path)
      .filter((path) => path !== 'src/index.ts')
      .filter((path) => /\/index\.\w+$|\/[^/]*(manager|util)[^/]*$/i.test(path));
    expect(wrong).toEqual([]);
  });

  test('have texts of one byte a character, where a worker runs them', () => {
    // One wider character makes the whole of a script twice as large in memory (docs/adr/0037).
    const found: string[] = [];
    for (const file of product) {
      if (/^src\/(client|cli|console)\//.test(file.path)) continue;
      walk(file, (node) => {
        const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node);
        if (isText && /[\u0100-\uffff]/.test(node.text)) found.push(place(file, node));
      });
    }
    expect(found).toEqual([]);
  });

  test('export by name', () => {
    // Cloudflare demands a default export of its Worker.
    const allowed = ['src/cloudflare.ts', 'worker/durable-object.ts'];
    const wrong: string[] = [];
    for (const file of [...product, ...tests]) {
      if (isDeclaration(file.path) || allowed.includes(file.path)) continue;
      walk(file, (node) => {
        const isDefault =
          node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
        if (ts.isExportAssignment(node) || isDefault) wrong.push(place(file, node));
      });
    }
    expect(wrong).toEqual([]);
  });
});

describe('functions', () => {
  test(`fit a screen of ${functionLinesMax} lines`, () => {
    const long: string[] = [];
    for (const file of [...product, ...others]) {
      walk(file, (node) => {
        if (!ts.isFunctionLike(node)) return;
        const lines = lineCount(file, node);
        if (lines > functionLinesMax) long.push(`${place(file, node)}: ${lines}`);
      });
    }
    expect(long).toEqual([]);
  });

  test('have no loop without an end', () => {
    const endless: string[] = [];
    for (const file of product) {
      walk(file, (node) => {
        const whileTrue =
          (ts.isWhileStatement(node) || ts.isDoStatement(node)) &&
          node.expression.kind === ts.SyntaxKind.TrueKeyword;
        const forEver = ts.isForStatement(node) && node.condition === undefined;
        if (whileTrue || forEver) endless.push(place(file, node));
      });
    }
    expect(endless).toEqual([]);
  });
});

describe('names', () => {
  test('say what a thing is: nothing is a manager or a util', () => {
    const vague: string[] = [];
    for (const file of product) {
      walk(file, (node) => {
        const named = ts.isIdentifier(node) && ts.isPartOfTypeNode(node) === false;
        if (named && /manager|utils?$/i.test(node.text)) {
          vague.push(`${place(file, node)} ${node.text}`);
        }
      });
    }
    expect(vague).toEqual([]);
  });
});

describe('limits', () => {
  const limits = product.filter(({ path }) => /^src\/base\/(\w+-)?limits\.ts$/.test(path));
  const paths = limits.map(({ path }) => path);
  const names = limits.flatMap(({ text }) =>
    [...text.matchAll(/^export const (\w+)/gm)].map(([, name = '']) => name),
  );

  test('are there', () => {
    expect(names.length).toBeGreaterThan(20);
  });

  test('each bounds something', () => {
    const used = new Set<string>();
    for (const file of product) {
      walk(file, (node) => {
        if (!ts.isIdentifier(node)) return;
        const declares = ts.isVariableDeclaration(node.parent) && node.parent.name === node;
        if (!declares || !paths.includes(file.path)) used.add(node.text);
      });
    }
    expect(names.filter((name) => !used.has(name))).toEqual([]);
  });
});

describe('tests', () => {
  test('mirror every file with code', () => {
    const missing = sources
      .filter((file) => !isDeclaration(file.path) && hasCode(file))
      .filter(({ path }) => {
        const mirror = path.replace(/^src\//, '').replace(/\.ts$/, '.test.ts');
        return !exists(`test/${mirror}`) && !exists(`test/browser/${mirror}`);
      })
      .map(({ path }) => path);
    expect(missing).toEqual([]);
  });

  test('are never alone, skipped or still to be written', () => {
    const lazy = /\b(it|test|describe)\.(only|skip|todo)\(|\b(xit|xdescribe|fit|fdescribe)\(/;
    const found = tests.flatMap(({ path, lines }) =>
      lines.flatMap((line, at) => (lazy.test(line) ? [`${path}:${at + 1}`] : [])),
    );
    expect(found).toEqual([]);
  });
});

describe('stored formats', () => {
  const pages = listFiles('docs/formats', ['.md']);
  const named = new Map<string, string>();
  for (const { path, text } of product) {
    for (const [page] of text.matchAll(/docs\/formats\/[\w-]+\.md/g)) named.set(page, path);
  }

  test('that a file names have a page', () => {
    const absent = [...named].filter(([page]) => !exists(page));
    expect(absent.map(([page, path]) => `${path} names ${page}`)).toEqual([]);
  });

  test('with a page are named by a file', () => {
    expect(pages.filter((page) => !named.has(page))).toEqual([]);
  });

  test('have a page wherever bytes are written', () => {
    const silent: string[] = [];
    for (const file of sources) {
      if (floorOf(file.path) > engineFloor || file.path === 'src/base/bytes.ts') continue;
      const writes = /new ByteWriter\(/.test(file.text);
      if (writes && !/docs\/formats\//.test(file.text)) silent.push(file.path);
    }
    expect(silent).toEqual([]);
  });
});
