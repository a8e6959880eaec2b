import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findAsset } from '../../src/host/assets.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A folder `built` to serve, beside a file that must not be. */
function site(): string {
  const folder = temporaryFolder();
  const root = join(folder, 'built');
  mkdirSync(join(root, 'examples', 'notes'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  mkdirSync(join(folder, 'built-not'));
  writeFileSync(join(root, 'index.html'), 'page');
  writeFileSync(join(root, 'main.js'), 'code');
  writeFileSync(join(root, 'a b.css'), 'style');
  writeFileSync(join(root, 'data.xyz'), 'data');
  writeFileSync(join(root, '.secret'), 'secret');
  writeFileSync(join(root, 'examples', 'notes', 'index.html'), 'notes');
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(folder, 'built-not', 'secret'), 'secret');
  symlinkSync(join(folder, 'secret'), join(root, 'link'));
  return root;
}

const octets = 'application/octet-stream';

describe('files of a folder', () => {
  test.each([
    ['/', 'page', 'text/html; charset=utf-8'],
    ['/?x=/y', 'page', 'text/html; charset=utf-8'],
    ['/index.html', 'page', 'text/html; charset=utf-8'],
    ['/main.js', 'code', 'text/javascript; charset=utf-8'],
    ['/a%20b.css', 'style', 'text/css; charset=utf-8'],
    ['/data.xyz', 'data', octets],
    ['/examples/notes/', 'notes', 'text/html; charset=utf-8'],
  ])('%s is %s', async (url, text, type) => {
    const asset = await findAsset(site(), url);
    expect([asset?.status, new TextDecoder().decode(asset?.body)]).toEqual([200, text]);
    expect(asset?.headers).toMatchObject({
      'content-type': type,
      'content-length': String(text.length),
    });
  });

  test('a folder without its slash is sent there', async () => {
    const asset = await findAsset(site(), '/examples/notes?q');
    expect([asset?.status, asset?.headers['location']]).toEqual([301, '/examples/notes/']);
  });

  test.each([
    '/none',
    '/empty/',
    '/../secret',
    '/..%2fsecret',
    '/%2e%2e/secret',
    '/x/../../secret',
    '/..\\secret',
    '/%5c..%5csecret',
    '/../built-not/secret',
    '//secret',
    '/examples//notes',
    '//examples',
    '/.secret',
    '/link',
    '/main.js%00',
    '/main.js/',
    '/%',
    'main.js',
    '',
    '*',
  ])('%s is absent', async (url) => {
    expect(await findAsset(site(), url)).toBeUndefined();
  });

  test('a folder that is not there has no files', async () => {
    expect(await findAsset(join(site(), 'none'), '/')).toBeUndefined();
  });
});
