import { expect, test } from 'vitest';
import { startPage } from '../../scripts/start-page.mjs';

test('the start page says whether what is put at the endpoint stays', async () => {
  const html = 'text/html, */*';
  const shown = async (data?: string, url = '/?a', accept = html): Promise<string | undefined> =>
    (await startPage('examples', data, ['GET', url, accept]))?.body.toString();
  const kept = await shown('folder');
  expect(kept).toContain('here is <span id="kept">kept in the folder that the server was given');
  expect(kept).not.toMatch(/in memory|gone when/);
  // Without a folder it is the file itself, which says so.
  expect(await shown()).toBeUndefined();
  expect(await shown('folder', '/examples/')).toBeUndefined();
  // DynamoDB's health line, and its calls.
  expect(await shown('folder', '/', '*/*')).toBeUndefined();
  expect(await startPage('examples', 'folder', ['POST', '/', html])).toBeUndefined();
});
