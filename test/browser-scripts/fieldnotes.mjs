/**
 * The field notes from end to end: two Chromium processes with profiles of their own, one for each
 * user, and the hub as a third; nothing between them is mocked. Offline edits on both, photos,
 * refusals, a start without a network; at the end all three store the same to the last byte.
 */
import assert from 'node:assert/strict';
import { fingerprintOf } from '../../examples/fieldnotes/fingerprint.ts';
import { noticesTable, notesTable, photosTable } from '../../examples/fieldnotes/tables.ts';
import { clockOffMsMax } from '../../src/base/replica-limits.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { itemToPlain } from '../../src/value/plain.ts';
import { Cable } from '../support/cable.ts';
import {
  assertAccessible,
  ExampleSite,
  settled,
  tabTo,
  violations,
} from '../support/example-site.ts';

const site = new ExampleSite({
  name: 'the field notes',
  viewport: { width: 900, height: 900 },
  stepMsMax: 20_000,
  // What a browser says of requests that a switched off network does not carry.
  expected: (complaint) => /ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(complaint),
});
let adasBrowser;
let bosBrowser;
let ada;
let bo;
/** Another tab of Ada's. */
let second;
/** A third device, its network, and when it tried to reach the hub in vain. */
let awaysBrowser;
let away;
let cable;
const tries = [];
/** Background Sync wakes a page, and it sends, within so long. */
const wakeMsMax = 3500;
const sameTryMs = 200;
const looksMax = 300;
/** What the hub keeps. */
const data = site.profile();

await site.run(
  [
    ['npm start prints its address when it is ready', starts],
    ['the page at / leads to the notes', leads],
    ['two users sign in, in two browsers', signIn],
    ['what cannot be a note is told, and not saved', refusesInput],
    ['a note shows on the other device', shows],
    ['an edit and a deletion do too, and can be undone', edits],
    ['a photo arrives with all its bytes', sendsPhoto],
    ['what a policy does not allow comes back, and is kept until it is let go', keepsRefused],
    ['without a network both write, and say what waits', writesOffline],
    ['the page starts without a network', startsOffline],
    ['with a network again both have everything, the later edit stands', converges],
    ['what lost unseen is told to its author, who may take it after all', keepsWhatLost],
    ['an edit under somebody’s hands is told, and can be taken', tellsOfOvertaking],
    ['a second tab shows the same, and takes over when the first is closed', takesOver],
    ['who signs out and in again finds what was not sent', signsOut],
    ['a device that is cut off asks to be woken, and the browser does', cutsOff],
    ['everything can be done by keyboard', worksByKeyboard],
    ['a phone’s width is enough, and axe finds nothing, light and dark', isAccessible],
    ['it can be installed', canBeInstalled],
    ['Background Sync wakes a page whose network is back, and it sends', wakesBySync],
    ['all devices have sent and heard everything', isSettled],
    ['no page complained', site.isQuiet],
    ['Ctrl-C ends the server cleanly', site.endsServer],
    ['both devices and the hub store the same, to the last byte', isEqual],
  ],
  () => [ada, bo, away],
);

async function starts() {
  await site.start('--data', data);
  adasBrowser = await site.browser();
  bosBrowser = await site.browser();
}

async function leads() {
  ada = await site.newTab(adasBrowser);
  await ada.goto(site.origin);
  assert.deepEqual(await violations(ada), []);
  await ada.getByRole('link', { name: 'Field notes' }).click();
  await ada.getByRole('heading', { name: 'Who are you?' }).waitFor();
  assert.deepEqual(await violations(ada), []);
}

async function signIn() {
  bo = await site.newTab(bosBrowser);
  await bo.goto(ada.url());
  await ada.getByRole('button', { name: 'I am Ada' }).click();
  await bo.getByRole('button', { name: 'I am Bo' }).click();
  for (const tab of [ada, bo]) {
    await state(tab, 'Up to date');
    await tab.getByText('No notes yet').waitFor();
  }
}

async function refusesInput() {
  await form(ada, 'Save').click();
  await hint(ada, 'A note has a title.');
  await field(ada, 'Title').fill('x'.repeat(81));
  await hint(ada, 'at most 80 characters');
  await field(ada, 'Title').fill('');
  await ada.getByText('No notes yet').waitFor();
}

async function shows() {
  await write(ada, 'Seals at the point', 'Three of them.', 'North point');
  await row(bo, 'Seals at the point').waitFor();
  await write(bo, 'Broken marker', 'The third one from the harbour.', 'Channel');
  await row(ada, 'Broken marker').waitFor();
  assert.deepEqual(await titles(ada), ['Broken marker', 'Seals at the point']);
  assert.deepEqual(await titles(bo), ['Broken marker', 'Seals at the point']);
}

async function edits() {
  await row(bo, 'Seals at the point').click();
  await field(bo, 'Text').fill('Four of them.');
  await form(bo, 'Save').click();
  await row(ada, 'Seals at the point').click();
  await settled(async () => {
    assert.equal(await field(ada, 'Text').inputValue(), 'Four of them.');
  });
  await write(bo, 'A mistake', '', '');
  await row(ada, 'A mistake').waitFor();
  await form(bo, 'Delete').click();
  for (const tab of [ada, bo]) await row(tab, 'A mistake').waitFor({ state: 'detached' });
  await bo.getByRole('button', { name: 'Undo the deletion of A mistake' }).click();
  for (const tab of [ada, bo]) await row(tab, 'A mistake').waitFor();
}

/** Noise: nothing makes it smaller on its way. */
async function sendsPhoto() {
  await row(ada, 'Seals at the point').click();
  const picture = await ada.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const context = canvas.getContext('2d');
    const pixels = context.createImageData(300, 200);
    for (let at = 0; at < pixels.data.length; at += 4096) {
      crypto.getRandomValues(pixels.data.subarray(at, at + 4096));
    }
    context.putImageData(pixels, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  assert.ok(picture.length > 100_000, `a picture of ${picture.length} bytes`);
  const file = { name: 'seals.png', mimeType: 'image/png', buffer: Buffer.from(picture) };
  await ada.getByLabel('Attach photos').setInputFiles(file);
  await row(bo, 'Seals at the point').click();
  const image = bo.getByRole('img', { name: 'seals.png' });
  await image.waitFor();
  const arrived = await image.evaluate(async (element) => {
    await element.decode();
    return [...new Uint8Array(await (await fetch(element.src)).arrayBuffer())];
  });
  assert.deepEqual(arrived, picture);
}

async function keepsRefused() {
  await announce(ada, 'Low water at noon');
  await bo.getByText('Low water at noon').waitFor();
  await announce(bo, 'I would rather go at ten');
  const panel = bo.getByRole('region', { name: /^Refused by the hub \(1\)/ });
  await panel.getByText('I would rather go at ten').waitFor();
  await panel.getByText('You may not write this').waitFor();
  // It is gone from the notices, as it is not true of the team.
  await bo
    .getByRole('region', { name: 'Notices' })
    .getByText('I would rather go at ten')
    .waitFor({ state: 'detached' });
  await bo.reload();
  await panel.waitFor();
  assert.deepEqual(await violations(bo), []);
  await panel.getByRole('button', { name: /^Let it go/ }).click();
  await panel.waitFor({ state: 'detached' });
}

async function writesOffline() {
  for (const tab of [ada, bo]) {
    await tab.getByRole('switch', { name: 'Network' }).click();
    await state(tab, 'Network switched off');
  }
  await row(ada, 'Broken marker').click();
  await field(ada, 'Text').fill('Ada has seen it too.');
  await form(ada, 'Save').click();
  await write(ada, 'Written by Ada offline', '', '');
  // The clocks of two devices were set by one greeting each, and may be so far apart.
  await ada.waitForTimeout(clockOffMsMax);
  await row(bo, 'Broken marker').click();
  await field(bo, 'Text').fill('Bo has mended it.');
  await form(bo, 'Save').click();
  await write(bo, 'Written by Bo offline', '', '');
  for (const tab of [ada, bo]) await tab.getByText(/^2 to send/).waitFor();
  assert.equal(await row(bo, 'Written by Ada offline').count(), 0);
}

async function startsOffline() {
  await bo.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await bosBrowser.setOffline(true);
  await bo.reload();
  await row(bo, 'Written by Bo offline').waitFor();
  await row(bo, 'Broken marker').click();
  assert.equal(await field(bo, 'Text').inputValue(), 'Bo has mended it.');
  await state(bo, 'Network switched off');
  await bo.getByRole('switch', { name: 'Network' }).click();
  await state(bo, 'Offline');
  await bo.getByText(/^2 to send/).waitFor();
  await bosBrowser.setOffline(false);
}

async function converges() {
  await ada.getByRole('switch', { name: 'Network' }).click();
  for (const tab of [ada, bo]) {
    await state(tab, 'Up to date');
    await row(tab, 'Written by Ada offline').waitFor();
    await row(tab, 'Written by Bo offline').waitFor();
    await row(tab, 'Broken marker').click();
    await settled(async () => {
      assert.equal(await field(tab, 'Text').inputValue(), 'Bo has mended it.');
    });
    await tab.getByText(/^nothing to send/).waitFor();
  }
}

/** Of both edits of the marker Bo's was later, and neither had seen the other. */
async function keepsWhatLost() {
  const panel = ada.getByRole('region', { name: /^Replaced unseen \(1\)/ });
  await panel.getByText('Ada has seen it too.').waitFor();
  assert.deepEqual(await violations(ada), []);
  assert.equal(await bo.getByRole('region', { name: /^Replaced unseen/ }).count(), 0);
  await panel.getByRole('button', { name: 'Take mine: Broken marker' }).click();
  await panel.waitFor({ state: 'detached' });
  for (const tab of [ada, bo]) {
    await row(tab, 'Broken marker').click();
    await settled(async () => {
      assert.equal(await field(tab, 'Text').inputValue(), 'Ada has seen it too.');
    });
  }
  await ada.reload();
  await state(ada, 'Up to date');
  assert.equal(await panel.count(), 0);
}

async function tellsOfOvertaking() {
  await row(ada, 'A mistake').click();
  await field(ada, 'Text').fill('I am still writing');
  await row(bo, 'A mistake').click();
  await field(bo, 'Text').fill('Bo was quicker');
  await form(bo, 'Save').click();
  await ada.getByText('Bo has saved this note meanwhile').waitFor();
  assert.equal(await field(ada, 'Text').inputValue(), 'I am still writing');
  await ada.getByRole('button', { name: 'Take theirs' }).click();
  assert.equal(await field(ada, 'Text').inputValue(), 'Bo was quicker');
}

async function takesOver() {
  second = await site.newTab(adasBrowser);
  await second.goto(ada.url());
  await state(second, 'Up to date');
  await ada.close();
  ada = second;
  await write(bo, 'After the first tab', '', '');
  await row(ada, 'After the first tab').waitFor();
  await write(ada, 'From the second tab', '', '');
  await row(bo, 'From the second tab').waitFor();
}

async function signsOut() {
  await bo.getByRole('switch', { name: 'Network' }).click();
  await write(bo, 'Not sent before I left', '', '');
  await bo.getByRole('button', { name: 'Sign out' }).click();
  await bo.getByRole('button', { name: 'I am Bo' }).click();
  await row(bo, 'Not sent before I left').waitFor();
  await state(bo, 'Network switched off');
  await bo.getByRole('switch', { name: 'Network' }).click();
  await row(ada, 'Not sent before I left').waitFor();
}

async function worksByKeyboard() {
  await ada.getByRole('button', { name: 'New note' }).focus();
  await ada.keyboard.press('Enter');
  await field(ada, 'Title').focus();
  await ada.keyboard.type('By keyboard');
  await ada.keyboard.press('Enter');
  await row(bo, 'By keyboard').waitFor();
  await tabTo(ada, 'Delete');
  await ada.keyboard.press('Enter');
  await row(bo, 'By keyboard').waitFor({ state: 'detached' });
  await tabTo(ada, 'Undo');
  await ada.keyboard.press('Space');
  await row(bo, 'By keyboard').waitFor();
}

async function isAccessible() {
  await row(ada, 'Seals at the point').click();
  await ada.getByRole('img', { name: 'seals.png' }).waitFor();
  await assertAccessible(ada, [360, 900, 1440]);
}

async function canBeInstalled() {
  const session = await adasBrowser.newCDPSession(ada);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
}

/** Before the server ends: all have sent and heard everything. */
/**
 * On another device of Bo's, over a network that can be cut without the browser's knowledge. While
 * the other steps go on it tries again, later each time.
 */
async function cutsOff() {
  const { port, pathname } = new URL(ada.url());
  cable = new Cable(() => Number(port));
  awaysBrowser = await site.browser();
  away = await site.newTab(awaysBrowser);
  await away.goto(`${await cable.open()}${pathname}`);
  await away.getByRole('button', { name: 'I am Bo' }).click();
  await state(away, 'Up to date');
  await row(away, 'Not sent before I left').waitFor();
  await away.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const [worker] = awaysBrowser.serviceWorkers();
  await worker.evaluate(() => {
    globalThis.syncsHeard = [];
    globalThis.addEventListener('sync', ({ tag }) => globalThis.syncsHeard.push(tag));
  });
  cable.weather = 'cut';
  cable.refused = () => tries.push(performance.now());
  await write(away, 'Written far away', '', '');
  await state(away, 'Offline');
  await away.getByText(/^1 to send/).waitFor();
  // The browser knows of no network that is gone: it calls at once.
  await settled(async () => {
    const heard = await worker.evaluate(() => globalThis.syncsHeard);
    assert.deepEqual(heard, ['tidetable:fieldnotes-bo']);
  });
}

/** By the event of the service worker, long before the device would try again by itself. */
async function wakesBySync() {
  const session = await awaysBrowser.newCDPSession(away);
  const registered = new Promise((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations.length > 0) resolve(registrations[0]);
    });
  });
  await session.send('ServiceWorker.enable');
  const { registrationId, scopeURL } = await registered;
  await away.getByText(/^1 to send/).waitFor();
  for (let looks = 0; untilNextTry() < wakeMsMax; looks += 1) {
    assert.ok(looks < looksMax, `the next try is in ${untilNextTry()} ms`);
    await away.waitForTimeout(100);
  }
  cable.weather = 'fair';
  const wake = { origin: new URL(scopeURL).origin, registrationId, lastChance: false };
  await session.send('ServiceWorker.dispatchSyncEvent', {
    ...wake,
    tag: 'tidetable:fieldnotes-bo',
  });
  await away.getByText(/^nothing to send/).waitFor({ timeout: wakeMsMax });
  for (const tab of [ada, bo]) await row(tab, 'Written far away').waitFor();
}

/** The next wait is no shorter than the last one was; a try may be two connections. */
function untilNextTry() {
  const starts = tries.filter((at, nth) => nth === 0 || at - tries[nth - 1] > sameTryMs);
  const [before, last] = starts.slice(-2);
  return last === undefined ? 0 : last + (last - before) - performance.now();
}

async function isSettled() {
  for (const tab of [ada, bo, away]) {
    await state(tab, 'Up to date');
    await tab.getByText(/^nothing to send/).waitFor();
  }
  await settled(async () => {
    const all = [await fingerprint(ada), await fingerprint(bo), await fingerprint(away)];
    assert.equal(new Set(all).size, 1, all.join());
  });
  await cable.close();
}

/** The server has ended: what it stored is read from its folder, by nobody but an engine. */
async function isEqual() {
  const ofAll = [await fingerprint(ada), await fingerprint(bo), await fingerprint(away)];
  const engine = await openNodeDatabase({ data });
  const ofHub = await fingerprintOf([notesTable, photosTable, noticesTable], itemsIn(engine));
  await engine.close();
  assert.deepEqual(ofAll, [ofHub, ofHub, ofHub]);
}

function itemsIn(engine) {
  return async function* (TableName) {
    let ExclusiveStartKey;
    do {
      const input = { TableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
      const page = await engine.call({ operation: 'Scan', input, form: 'plain', caller: owner });
      for (const each of page.Items) yield itemToPlain(each.item());
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  };
}

async function fingerprint(tab) {
  await tab.getByRole('button', { name: 'Fingerprint' }).click();
  const said = await tab.getByText(/^Fingerprint of all that is stored here: /).textContent();
  return said.split(': ').at(-1);
}

/** A new note. */
async function write(tab, title, text, place) {
  await tab.getByRole('button', { name: 'New note' }).click();
  await tab.getByRole('heading', { name: 'New note' }).waitFor();
  await field(tab, 'Title').fill(title);
  await field(tab, 'Text').fill(text);
  await field(tab, 'Place').fill(place);
  await form(tab, 'Save').click();
  await row(tab, title).waitFor();
}

async function announce(tab, text) {
  await tab.getByLabel('New notice').fill(text);
  await tab.getByRole('button', { name: 'Put it up' }).click();
}

function field(tab, name) {
  return tab.locator('.note').getByLabel(name, { exact: true });
}

function form(tab, name) {
  return tab.locator('.note').getByRole('button', { name, exact: true });
}

function row(tab, title) {
  return tab.locator('.notes .row').filter({ has: tab.getByText(title, { exact: true }) });
}

function titles(tab) {
  return tab.locator('.notes .row .title').allTextContents();
}

async function hint(tab, text) {
  await tab.locator('#note-hint', { hasText: text }).waitFor();
}

async function state(tab, text) {
  await tab.locator('.syncbar p[role="status"]', { hasText: text }).waitFor();
}
