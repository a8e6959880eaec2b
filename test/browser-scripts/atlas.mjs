/**
 * The atlas from end to end, in a Chromium with a profile of its own: loading, cancelling, going on,
 * searching, paging, editing, two pages, a second visit, failures.
 *
 * Steps follow one another: each begins where the one before ended. A step that fails ends the run,
 * and those after it count as failed too. Prints last `N passed, N failed, N skipped`.
 */
import assert from 'node:assert/strict';
import { ExampleSite, tabTo, violations } from '../support/example-site.ts';

const total = 135_233;
const totalShown = '135,233';
const loadMsMax = 120_000;
const stepMsMax = 15_000;

const site = new ExampleSite({
  name: 'the atlas',
  viewport: { width: 1440, height: 950 },
  stepMsMax,
});
const profile = site.profile();
let context;
let page;

const steps = [
  ['npm start prints its address when it is ready', starts],
  ['the page at / leads to the atlas, without a violation', leads],
  ['a database that does not open says so, and opens when tried again', opensAgain],
  ['a full disk says so', tellsOfFullDisk],
  ['loading can be cancelled, and stays so after a reload', cancels],
  ['loading goes on where it was, also after a reload in its middle', resumes],
  ['all cities are in the table', isComplete],
  ['a prefix is found whatever its case and accents', searches],
  ['a country is in order of population', ordersByPopulation],
  ['pages go on and back', pages],
  ['what is near comes from nine cells, nearest first', findsNear],
  ['each request says what it took', logsRequests],
  ['nothing asks for a Scan', scansNothing],
  ['an edit moves the city in its indexes, and can be undone', edits],
  ['a deletion can be undone', deletes],
  ['two pages see each other’s edits', tellsOtherPage],
  ['an edit of what another page changed is refused', refusesOutdated],
  ['everything can be done by keyboard', worksByKeyboard],
  ['a phone’s width is enough', fitsPhone],
  ['axe finds nothing, light and dark', isAccessible],
  ['a second visit loads nothing', opensWithoutLoading],
  ['a worker that breaks says so, and the database opens again', survivesWorker],
  ['no page complained', site.isQuiet],
  ['Ctrl-C ends the server cleanly', site.endsServer],
];

await site.run(steps, () => [page]);

async function starts() {
  await site.start();
  const health = await fetch(site.origin);
  assert.match(await health.text(), /^healthy: /);
  await openBrowser();
}

async function openBrowser() {
  context = await site.browser(profile);
  page = await site.newTab(context);
}

async function leads() {
  await page.goto(site.origin);
  assert.deepEqual(await violations(page), []);
  await page.getByRole('link', { name: 'Atlas' }).waitFor();
}

/** The worker's constructor throws, as it does where a policy forbids workers; then it does not. */
async function opensAgain() {
  await page.addInitScript(() => {
    const Real = window.Worker;
    // Twice at one opening: a second attempt is made with another URL.
    let refusals = sessionStorage.getItem('refused') === null ? 2 : 0;
    window.Worker = function Worker(...given) {
      if (refusals > 0) {
        refusals -= 1;
        sessionStorage.setItem('refused', 'once');
        throw new Error('no workers here');
      }
      return new Real(...given);
    };
  });
  await limitStorage(2_000_000);
  await page.getByRole('link', { name: 'Atlas' }).click();
  await page.getByRole('heading', { name: 'The database did not open' }).waitFor();
  await page.getByText('no workers here').waitFor();
  await page.getByRole('button', { name: 'Open it again' }).click();
}

async function tellsOfFullDisk() {
  await page.getByRole('heading', { name: 'There is no room left' }).waitFor();
  await limitStorage();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Cancel loading' }).waitFor();
}

async function limitStorage(quotaSize) {
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', {
    origin: site.origin,
    ...(quotaSize && { quotaSize }),
  });
}

async function cancels() {
  await untilLoaded(20_000);
  await page.getByRole('button', { name: 'Cancel loading' }).click();
  await page.getByText('Loading was cancelled').first().waitFor();
  const loaded = await loadedRows();
  assert.ok(loaded >= 20_000 && loaded < total, `loaded ${loaded}`);
  await page.reload();
  await page.getByRole('button', { name: 'Resume loading' }).waitFor();
  assert.equal(await loadedRows(), loaded);
  // What is there can be searched: Andorra comes first.
  await search('ANDORRA LA');
  await row('Andorra la Vella').waitFor();
}

async function resumes() {
  const before = await loadedRows();
  await page.getByRole('button', { name: 'Resume loading' }).click();
  await untilLoaded(before + 5000);
  await page.reload();
  await page.getByRole('button', { name: 'Cancel loading' }).waitFor();
  assert.ok((await loadedRows()) >= before + 2500, 'a reload began anew');
}

async function isComplete() {
  await headline(`${totalShown} cities in the table`, loadMsMax);
}

async function searches() {
  for (const typed of ['são p', 'SAO P', 'Sao P', 'sÃO-p']) {
    await search(typed);
    const names = await listed(`Names that begin with “${typed}”`);
    assert.equal(names[0], 'São Paulo');
    assert.ok(names.includes('São Pedro do Sul'), names.join());
    assert.ok(names.length > 5 && names.every((name) => /^s[aã]o p/i.test(name)), names.join());
  }
  await search('SAO');
  assert.equal((await listed('Names that begin with “SAO”')).length, 15);
  await search('ø');
  assert.ok((await listed('Names that begin with “ø”')).every((name) => /^[oøóöôòōő]/i.test(name)));
  await search('zzzzz');
  await page.getByText('None in the table').waitFor();
}

async function ordersByPopulation() {
  await page.getByRole('combobox', { name: 'or country' }).selectOption('BR');
  const names = await listed('Brazil by population');
  assert.deepEqual(names.slice(0, 3), ['São Paulo', 'Rio de Janeiro', 'Salvador']);
  const populations = await numbersListed();
  assert.deepEqual(
    populations,
    populations.toSorted((a, b) => b - a),
  );
}

async function pages() {
  const first = await listed('Brazil by population');
  const pager = page.getByRole('navigation', { name: 'Pages of the list' });
  const seen = new Set(first);
  let least = (await numbersListed()).at(-1);
  for (let number = 2; number <= 4; number += 1) {
    await pager.getByRole('button', { name: 'Next' }).click();
    await pager.getByText(`Page ${number}`).waitFor();
    const populations = await numbersListed();
    assert.ok(populations[0] <= least, `page ${number} begins above the one before`);
    least = populations.at(-1);
    for (const name of await listed('Brazil by population')) seen.add(name);
  }
  assert.ok(seen.size > 50, `${seen.size} names on four pages`);
  for (let number = 3; number >= 1; number -= 1) {
    await pager.getByRole('button', { name: 'Previous' }).click();
    await pager.getByText(`Page ${number}`).waitFor();
  }
  assert.deepEqual(await listed('Brazil by population'), first);
  await page.getByRole('combobox', { name: 'or country' }).selectOption('VA');
  await page.getByText('1 to 1, the last').waitFor();
}

async function findsNear() {
  await search('são paulo');
  await row('São Paulo').click();
  await page.getByRole('heading', { name: 'Near São Paulo' }).waitFor();
  const near = page.locator('.city .rows button');
  const names = await near.locator('.name').allInnerTexts();
  assert.deepEqual(names.length, 8);
  const distances = (await near.locator('.number').allInnerTexts()).map(Number.parseFloat);
  assert.deepEqual(
    distances,
    distances.toSorted((a, b) => a - b),
  );
  assert.ok(distances[0] > 0 && distances[7] < 40, distances.join());
  // The log is drawn when all nine have answered. Newest first; a search may have logged since.
  await page.locator('.requests tbody th', { hasText: 'cell = ' }).nth(8).waitFor();
  const lines = await page.locator('.requests tbody th').allInnerTexts();
  const cells = lines.map((text) => /cell = (\w{4})/.exec(text)?.[1]).filter(Boolean);
  const asked = new Set(cells.slice(0, 9));
  assert.equal(asked.size, 9);
  assert.equal(await page.locator('.map rect').count(), 9);
  // On to a neighbour, and back by the browser's own button.
  await near.first().click();
  await page.getByRole('heading', { name: `Near ${names[0]}` }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Near São Paulo' }).waitFor();
}

async function logsRequests() {
  await search('s');
  await listed('Names that begin with “s”');
  const line = page.locator('.requests tbody tr').filter({ hasText: 'begins_with(nameKey, s)' });
  await line.first().waitFor();
  const [items, units, ms, more] = await line.first().locator('td').allInnerTexts();
  assert.equal(items, '15');
  assert.ok(Number(units) >= 0.5, units);
  assert.match(ms, /^\d+\.\d$/);
  assert.equal(more, 'yes');
}

async function scansNothing() {
  const operations = await page.locator('.requests .operation').allInnerTexts();
  assert.ok(operations.length > 20);
  assert.deepEqual(
    operations.filter((text) => text.startsWith('Scan')),
    [],
  );
}

async function edits() {
  await show('reykj', 'Reykjavík');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Åsgård');
  await page.getByRole('textbox', { name: 'Population' }).fill('20000000');
  await page.getByRole('button', { name: 'Save' }).click();
  await status('Saved Åsgård.');
  await page.getByText('None in the table').waitFor({ state: 'hidden' });
  await row('Reykjavík').waitFor({ state: 'detached' });
  await listed('Names that begin with “reykj”');
  await search('asgard');
  assert.equal((await listed('Names that begin with “asgard”'))[0], 'Åsgård');
  await page.getByRole('combobox', { name: 'or country' }).selectOption('IS');
  assert.equal((await listed('Iceland by population'))[0], 'Åsgård');
  await page.getByRole('button', { name: 'Undo' }).click();
  await status('Took back the change of Reykjavík.');
  await row('Åsgård').waitFor({ state: 'detached' });
  await row('Reykjavík').waitFor();
  assert.equal((await listed('Iceland by population'))[0], 'Reykjavík');
}

async function deletes() {
  await show('reykj', 'Reykjavík');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'No longer in the table' }).waitFor();
  await status('Deleted Reykjavík.');
  await row('Reykjavík').waitFor({ state: 'detached' });
  await headline('135,232 cities in the table');
  await page.getByRole('button', { name: 'Undo' }).click();
  await row('Reykjavík').waitFor();
  await page.getByRole('heading', { name: 'Near Reykjavík' }).waitFor();
  await headline(`${totalShown} cities in the table`);
}

async function tellsOtherPage() {
  await show('reykj', 'Reykjavík');
  const other = await site.newTab(context);
  await other.goto(page.url());
  await other.getByRole('heading', { name: 'Near Reykjavík' }).waitFor();
  await headline(`${totalShown} cities in the table`, stepMsMax, other);
  await setPopulation(other, '777777');
  await row('Reykjavík').filter({ hasText: '777,777' }).waitFor();
  await page.locator('.city dd', { hasText: '777,777' }).waitFor();
  await setPopulation(page, '888888');
  await other.locator('.finder .rows button', { hasText: '888,888' }).waitFor();
  await other.close();
}

/** Another page's edit that this one was not told of: the condition tells. */
async function refusesOutdated() {
  const other = await site.newTab(context);
  await other.addInitScript(() => {
    BroadcastChannel.prototype.postMessage = () => {};
  });
  await other.goto(page.url());
  await headline(`${totalShown} cities in the table`, stepMsMax, other);
  await setPopulation(other, '999999');
  await setPopulation(page, '111111', 'Not done: this city was changed in the meantime.');
  await page.locator('.city dd', { hasText: '999,999' }).waitFor();
  await other.close();
}

async function worksByKeyboard() {
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('nuuk');
  await row('Nuuk').waitFor();
  await tabTo(page, 'Nuuk');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Near Nuuk' }).waitFor();
  await tabTo(page, 'Delete');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No longer in the table' }).waitFor();
  await focusIsOn(/^No longer in the table$/);
  await tabTo(page, 'Undo');
  await page.keyboard.press('Space');
  await page.getByRole('heading', { name: 'Near Nuuk' }).waitFor();
}

function focused() {
  return page.evaluate(() => (document.activeElement?.textContent ?? '').trim());
}

/** The focus follows what is shown a moment later. */
async function focusIsOn(text) {
  for (let round = 0; round < 50 && !text.test(await focused()); round += 1) {
    await page.waitForTimeout(100);
  }
  assert.match(await focused(), text);
}

async function fitsPhone() {
  await page.setViewportSize({ width: 360, height: 740 });
  await assertNoSideways();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await focusIsOn(/^Nuuk/);
  await assertNoSideways();
  assert.deepEqual(await violations(page), []);
}

async function assertNoSideways() {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `the page is ${width} wide`);
}

async function isAccessible() {
  for (const width of [360, 800, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${colorScheme}, ${width} wide, list`);
      if (!(await page.locator('.city form').isVisible())) await row('Nuuk').click();
      await page.getByRole('heading', { name: 'Near Nuuk' }).waitFor();
      assert.deepEqual(await violations(page), [], `${colorScheme}, ${width} wide, city`);
    }
  }
}

async function opensWithoutLoading() {
  const url = page.url();
  await context.close();
  await openBrowser();
  await page.addInitScript(() => {
    const Real = window.Worker;
    window.Worker = function Worker(...given) {
      window.worker = new Real(...given);
      return window.worker;
    };
  });
  const fetched = [];
  page.on('request', (request) => fetched.push(request.url()));
  await page.goto(url);
  await page.getByRole('heading', { name: 'Near Nuuk' }).waitFor();
  await headline(`${totalShown} cities in the table`);
  await page.getByText('Found where they were left').waitFor();
  assert.deepEqual(
    fetched.filter((each) => each.includes('/data/')),
    [],
  );
  const requests = await page.locator('.requests .operation').allInnerTexts();
  assert.ok(!requests.some((text) => text.startsWith('BatchWriteItem')));
  // Edits are kept like what was loaded.
  await search('reykj');
  await row('Reykjavík').filter({ hasText: '999,999' }).waitFor();
}

/** A worker that is ended from outside tells nobody; one that breaks does, by this event. */
async function survivesWorker() {
  await page.evaluate(() => {
    window.worker.terminate();
    window.worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
  });
  await search('nuuk');
  await page.getByRole('heading', { name: 'The database has stopped' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Open it again' }).click();
  await row('Nuuk').waitFor();
}

async function search(typed) {
  await page.getByRole('searchbox', { name: 'Name begins with' }).fill(typed);
}

async function show(typed, name) {
  await search(typed);
  await row(name).click();
  await page.getByRole('heading', { name: `Near ${name}`, exact: true }).waitFor();
}

function row(name) {
  const exact = page.locator('.name', { hasText: new RegExp(`^${name}$`) });
  return page.locator('.finder .rows button').filter({ has: exact }).first();
}

/** The names in the list, once it answers what `heading` says. */
async function listed(heading) {
  await page.getByRole('heading', { name: heading, exact: true }).waitFor();
  await page.locator('.finder .listhead p', { hasText: /^\d|^None/ }).waitFor();
  return page.locator('.finder .rows .name').allInnerTexts();
}

async function numbersListed() {
  const texts = await page.locator('.finder .rows .number').allInnerTexts();
  return texts.map((text) => Number(text.replace(/\D/g, '')));
}

async function setPopulation(where, population, said = 'Saved Reykjavík.') {
  await where.getByRole('textbox', { name: 'Population' }).fill(population);
  await where.getByRole('button', { name: 'Save' }).click();
  await where.locator('.statusbar p', { hasText: said }).waitFor();
}

async function status(text) {
  await page.locator('.statusbar p', { hasText: text }).waitFor();
}

async function headline(text, timeout = stepMsMax, where = page) {
  await where.locator('.load .headline', { hasText: text }).waitFor({ timeout });
}

async function loadedRows() {
  const text = await page.locator('.load .figures').textContent();
  return Number(/^([\d,]+) of/.exec(text)?.[1].replaceAll(',', ''));
}

async function untilLoaded(rows) {
  const started = Date.now();
  while (Date.now() - started < loadMsMax) {
    if ((await loadedRows().catch(() => 0)) >= rows) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`${rows} cities were not loaded in ${loadMsMax} ms`);
}
