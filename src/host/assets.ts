/**
 * Built files of a folder over HTTP: the page at `/`, the examples under `/examples/NAME/`.
 *
 * A path is resolved inside the folder or answered as absent; names that start with a dot are
 * absent too. A folder answers with its index.html, once its own path ends in a slash.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export interface Asset {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.webp', 'image/webp'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.csv', 'text/csv; charset=utf-8'],
]);

/** The file at `url` (path and query) under `root`; undefined when there is none. */
export async function findAsset(root: string, url: string): Promise<Asset | undefined> {
  const path = pathOf(url);
  if (path === undefined) return undefined;
  const file = await existing(root, path);
  if (file === undefined) return undefined;
  if (!file.isFolder) return read(file.path);
  if (!path.endsWith('/')) return { status: 301, headers: { location: `${path}/` }, body: none };
  const index = await existing(root, `${path}index.html`);
  return index === undefined || index.isFolder ? undefined : read(index.path);
}

const none: Uint8Array = new Uint8Array(0);

/** The decoded path; undefined for one that climbs, hides or is not a path. */
function pathOf(url: string): string | undefined {
  const raw = url.split(/[?#]/, 1)[0] ?? '';
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  if (!path.startsWith('/') || /[\\\0]/.test(path)) return undefined;
  // A doubled slash could make a redirect lead to another host.
  const steps = path.slice(1, path.endsWith('/') ? -1 : undefined).split('/');
  const isRoot = path === '/';
  return isRoot || steps.every((step) => step !== '' && !step.startsWith('.')) ? path : undefined;
}

async function existing(
  root: string,
  path: string,
): Promise<{ readonly path: string; readonly isFolder: boolean } | undefined> {
  try {
    const [base, file] = await Promise.all([realpath(root), realpath(join(root, path))]);
    // A link may lead out of the folder; what it leads to is not ours to show.
    if (file !== base && !file.startsWith(base + sep)) return undefined;
    const found = await stat(file);
    if (!found.isFile() && !found.isDirectory()) return undefined;
    return { path: file, isFolder: found.isDirectory() };
  } catch {
    return undefined;
  }
}

async function read(path: string): Promise<Asset> {
  const body = await readFile(path);
  const type = contentTypes.get(extname(path).toLowerCase()) ?? 'application/octet-stream';
  return {
    status: 200,
    headers: {
      'content-type': type,
      'content-length': String(body.length),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}
