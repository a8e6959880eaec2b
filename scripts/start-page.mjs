/** The page at `/` of `npm start`: it says whether what is put at the endpoint stays. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const gone = 'gone when the server ends';
const kept = 'kept in the folder that the server was given';

/** Answers a browser that wants the page, where data are in a folder; all else is not ours. */
export async function startPage(siteRoot, data, [method, url, accept]) {
  const isRoot = url.split('?', 1)[0] === '/';
  const isPage = isRoot && (method === 'GET' || method === 'HEAD') && accept.includes('text/html');
  if (data === undefined || !isPage) return undefined;
  const text = await readFile(join(siteRoot, 'index.html'), 'utf8');
  const body = Buffer.from(text.replace(gone, kept));
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(body.length),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body };
}
