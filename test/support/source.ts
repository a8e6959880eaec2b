/**
 * The project's own source files, read and parsed for test/house.test.ts.
 *
 * Paths are relative to the project and have forward slashes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly tree: ts.SourceFile;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

/** Files of a folder and its folders whose name ends with one of `endings`, sorted. */
export function listFiles(folder: string, endings: readonly string[]): readonly string[] {
  if (!exists(folder)) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !/(^|\/)(node_modules|dist|coverage)\//.test(path))
    .sort();
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, lines: text.split('\n'), tree };
}

/** Calls `visit` for every node of a file. */
export function walk(file: SourceFile, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(file.tree);
}

/** `path:line`, for a report. */
export function place(file: SourceFile, node: ts.Node): string {
  const { line } = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree));
  return `${file.path}:${line + 1}`;
}

export function lineCount(file: SourceFile, node: ts.Node): number {
  const lineOf = (at: number): number => file.tree.getLineAndCharacterOfPosition(at).line;
  return lineOf(node.getEnd()) - lineOf(node.getStart(file.tree)) + 1;
}

/** What a file imports or re-exports, types and dynamic imports included, as written. */
export function importsOf(file: SourceFile): readonly string[] {
  const found: string[] = [];
  walk(file, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier;
      if (from !== undefined && ts.isStringLiteral(from)) found.push(from.text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments;
      if (from !== undefined && ts.isStringLiteral(from)) found.push(from.text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      if (ts.isStringLiteral(literal)) found.push(literal.text);
    }
  });
  return found;
}

/**
 * The project's file that an import names; undefined for a package, and for a worker's program
 * (`?worker`), which is bundled by itself and shares no module with who starts it.
 */
export function resolveImport(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.') || specifier.includes('?')) return undefined;
  return normalize(join(dirname(file.path), specifier))
    .split(sep)
    .join('/');
}

/** True when something of the file is left after its types are erased, other than re-exports. */
export function hasCode(file: SourceFile): boolean {
  return file.tree.statements.some(
    (statement) =>
      !ts.isImportDeclaration(statement) &&
      !ts.isExportDeclaration(statement) &&
      !ts.isInterfaceDeclaration(statement) &&
      !ts.isTypeAliasDeclaration(statement) &&
      !ts.isModuleDeclaration(statement),
  );
}
