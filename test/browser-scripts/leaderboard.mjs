/**
 * The leaderboard from end to end, in two tabs of a Chromium with a profile of its own: scores that
 * show in the other tab, totals that a trigger keeps, sessions that expire, removals and undo.
 *
 * Steps follow one another: each begins where the one before ended. A step that fails ends the run,
 * and those after it count as failed too. Prints last `N passed, N failed, N skipped`.
 */
import assert from 'node:assert/strict';
import {
  assertAccessible,
  ExampleSite,
  settled,
  tabTo,
  violations,
} from '../support/example-site.ts';

const site = new ExampleSite({
  name: 'the leaderboard',
  viewport: { width: 720, height: 900 },
  stepMsMax: 20_000,
});
let context;
/** Two tabs, side by side. */
let left;
let right;

const steps = [
  ['npm start prints its address when it is ready', starts],
  ['the page at / leads to the leaderboard', leads],
  ['a second tab opens beside the first', opensBeside],
  ['what cannot be a round is told, and not added', refuses],
  ['a score in one tab shows in the top ten of the other', showsInOther],
  ['the top ten are the ten best, in order', keepsTen],
  ['totals are kept by a trigger, once each, in one tab of the two', countsOnce],
  ['totals stay right when tabs are reloaded amid rounds', countsThroughReloads],
  ['the other tab counts on when the one that counts is closed', handsOver],
  ['a removal shows in both tabs, and can be undone', removes],
  ['a session ends by its time to live, in both tabs', expires],
  ['everything can be done by keyboard', worksByKeyboard],
  ['a phone’s width is enough, and axe finds nothing, light and dark', isAccessible],
  ['a worker that breaks says so, and the database opens again', survivesWorker],
  ['no page complained', site.isQuiet],
  ['Ctrl-C ends the server cleanly', site.endsServer],
];

await site.run(steps, () => [left, right]);

async function starts() {
  await site.start();
  context = await site.browser();
}

async function leads() {
  left = await site.newTab(context);
  await left.goto(site.origin);
  assert.deepEqual(await violations(left), []);
  await left.getByRole('link', { name: 'Leaderboard' }).click();
  await left.getByText('No scores yet').waitFor();
  await left.getByText('None yet.').waitFor();
}

async function opensBeside() {
  const opened = context.waitForEvent('page');
  await left.getByRole('link', { name: 'Open a second tab' }).click();
  right = await opened;
  site.listenTo(right);
  await right.getByText('No scores yet').waitFor();
}

async function refuses() {
  const rows = [
    ['', '5', 'A player has a name'],
    ['x'.repeat(25), '5', 'at most 24 characters'],
    ['Ada', '0', 'whole number from 1'],
    ['Ada', '1.5', 'whole number from 1'],
    ['Ada', '1000001', 'whole number from 1'],
    ['Ada', '', 'whole number from 1'],
  ];
  for (const [player, score, said] of rows) {
    await add(left, player, score);
    await left.locator('#round-hint', { hasText: said }).waitFor();
  }
  await left.getByText('No scores yet').waitFor();
}

async function showsInOther() {
  await add(left, 'Ada', '950');
  await row(left, 'Ada', '950').waitFor();
  await row(right, 'Ada', '950').waitFor();
  await add(right, 'Bo', '951');
  await row(left, 'Bo', '951').waitFor();
  assert.deepEqual(await names(left), ['Bo', 'Ada']);
  // A new leader is told of politely.
  for (const tab of [left, right]) await status(tab, 'Bo leads Harbour chess with 951.');
  // What happens does not take the place of what was done.
  await status(right, 'Added 951 for Bo.');
}

async function keepsTen() {
  await right.getByRole('button', { name: 'Let others play' }).click();
  await status(right, 'Ten rounds were played by others.');
  for (const tab of [left, right]) await tab.locator('.scores li').nth(9).waitFor();
  // Each tab is told in frames, so for a moment they may show a different part of the ten.
  await settled(async () => {
    const shown = await scores(left);
    assert.equal(shown.length, 10);
    assert.deepEqual(
      shown,
      shown.toSorted((a, b) => b - a),
    );
    assert.deepEqual(await scores(right), shown);
  });
}

/** In a game of their own, so that all rounds are known. */
async function countsOnce() {
  for (const tab of [left, right]) {
    await tab.getByRole('combobox', { name: 'Game' }).selectOption('Kite race');
    await tab.getByText('No scores yet').waitFor();
  }
  await add(left, 'Ada', '100');
  await add(right, 'Ada', '250');
  await add(right, 'Bo', '300');
  for (const tab of [left, right]) await total(tab, 'Ada', 2, '350').waitFor();
  for (const tab of [left, right]) await total(tab, 'Bo', 1, '300').waitFor();
  await settled(assertOneCounts);
}

async function assertOneCounts() {
  const counting = await Promise.all(
    [left, right].map((tab) => tab.getByText('which this tab runs').count()),
  );
  assert.equal(counting[0] + counting[1], 1, `${counting} tabs run the trigger`);
}

async function countsThroughReloads() {
  for (let round = 0; round < 4; round += 1) {
    for (const score of ['1', '2', '3']) await add(left, 'Cy', score);
    // Whoever counts may be amid a batch.
    await Promise.all([left.reload(), round % 2 === 0 ? right.reload() : undefined]);
    await left.locator('.scores li').first().waitFor();
  }
  for (const tab of [left, right]) await total(tab, 'Cy', 12, '24').waitFor();
  await left.reload();
  for (const tab of [left, right]) {
    await total(tab, 'Cy', 12, '24').waitFor();
    await total(tab, 'Ada', 2, '350').waitFor();
  }
}

async function handsOver() {
  await settled(assertOneCounts);
  const isLeft = (await left.getByText('which this tab runs').count()) === 1;
  const [counting, other] = isLeft ? [left, right] : [right, left];
  await counting.close();
  await other.getByText('which this tab runs').waitFor();
  await add(other, 'Di', '40');
  await total(other, 'Di', 1, '40').waitFor();
  left = other;
  right = await site.newTab(context);
  await right.goto(left.url());
  await total(right, 'Di', 1, '40').waitFor();
  await right.getByText('which another tab runs').waitFor();
}

async function removes() {
  await left.getByRole('button', { name: 'Remove 300 of Bo' }).click();
  for (const tab of [left, right]) await row(tab, 'Bo', '300').waitFor({ state: 'detached' });
  for (const tab of [left, right]) await total(tab, 'Bo', 1, '300').waitFor({ state: 'detached' });
  await status(left, 'Removed 300 of Bo.');
  await focused(left, 'undo');
  await left.getByRole('button', { name: 'Undo the removal of 300 of Bo' }).click();
  for (const tab of [left, right]) await row(tab, 'Bo', '300').waitFor();
  for (const tab of [left, right]) await total(tab, 'Bo', 1, '300').waitFor();
}

async function expires() {
  await left.goto(`${site.origin}/examples/leaderboard/?session=5#Skipping%20stones`);
  await left.getByText('No scores yet').waitFor();
  await add(left, 'Ida', '7');
  const playing = (tab) => tab.locator('.sessions li', { hasText: 'Ida' });
  // Seen in both before it is over, however slow one of them is.
  await Promise.all([left, right].map((tab) => playing(tab).waitFor()));
  for (const tab of [left, right]) await playing(tab).waitFor({ state: 'detached' });
  // Her score stays: only the session had a time to live.
  await row(left, 'Ida', '7').waitFor();
}

async function worksByKeyboard() {
  await left.getByRole('textbox', { name: 'Player' }).focus();
  await left.keyboard.press('Control+A');
  await left.keyboard.type('Jo');
  await left.keyboard.press('Tab');
  await left.keyboard.type('88');
  await left.keyboard.press('Enter');
  await row(left, 'Jo', '88').waitFor();
  await tabTo(left, 'Remove 88 of Jo');
  await left.keyboard.press('Enter');
  await row(left, 'Jo', '88').waitFor({ state: 'detached' });
  // The row goes when the tab is told of it, which may be before the removal is answered.
  await focused(left, 'undo');
  await left.keyboard.press('Space');
  await row(left, 'Jo', '88').waitFor();
}

async function isAccessible() {
  await left.getByRole('combobox', { name: 'Game' }).selectOption('Harbour chess');
  await left.locator('.scores li').nth(9).waitFor();
  await add(left, 'A player of twenty-four', '1000000');
  await row(left, 'A player of twenty-four', '1,000,000').waitFor();
  await assertAccessible(left, [360, 720, 1440]);
}

async function survivesWorker() {
  await left.addInitScript(() => {
    const Real = window.Worker;
    window.Worker = function Worker(...given) {
      window.worker = new Real(...given);
      return window.worker;
    };
  });
  await left.reload();
  await left.locator('.scores li').nth(9).waitFor();
  await left.evaluate(() => {
    window.worker.terminate();
    window.worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
  });
  await left.getByRole('heading', { name: 'The database has stopped' }).waitFor();
  assert.deepEqual(await violations(left), []);
  await left.getByRole('button', { name: 'Open it again' }).click();
  await left.locator('.scores li').nth(9).waitFor();
  await add(left, 'Kai', '999999');
  await row(right, 'Ada', '100').waitFor();
  await right.getByRole('combobox', { name: 'Game' }).selectOption('Harbour chess');
  await row(right, 'Kai', '999,999').waitFor();
}

/** Fills in the form and sends it; what comes of it, the caller waits for. */
async function add(tab, player, score) {
  await tab.getByRole('textbox', { name: 'Player' }).fill(player);
  await tab.getByRole('textbox', { name: 'Score' }).fill(score);
  await tab.locator('button.primary:not([aria-disabled="true"])').click();
  await tab.locator('button.primary:not([aria-disabled="true"])').waitFor();
}

function row(tab, player, score) {
  const name = tab.locator('.name', { hasText: new RegExp(`^${player}$`) });
  const number = tab.locator('.score', { hasText: new RegExp(`^${score}$`) });
  return tab.locator('.scores li').filter({ has: name }).filter({ has: number });
}

function total(tab, player, rounds, points) {
  return tab.getByRole('row', { name: `${player} ${rounds} ${points}`, exact: true });
}

function names(tab) {
  return tab.locator('.scores .name').allInnerTexts();
}

async function scores(tab) {
  const texts = await tab.locator('.scores .score').allInnerTexts();
  return texts.map((text) => Number(text.replaceAll(',', '')));
}

async function focused(tab, id) {
  await settled(async () => {
    assert.equal(await tab.evaluate(() => document.activeElement.id), id);
  });
}

async function status(tab, text) {
  await tab.locator('.statusbar p', { hasText: text }).waitFor();
}
