/**
 * The field notes from end to end: two Chromium processes with profiles of their own, one for each
 * user, and the hub as a third; nothing between them is mocked. Offline edits on both, photos,
 * refusals, a start without a network; at the end all three store the same to the last byte.
 */
import assert from 'node:assert/strict';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { fingerprintOf } from '../../examples/fieldnotes/fingerprint.ts';
import { noticesTable, notesTable, photosTable } from '../../examples/fieldnotes/tables.ts';
import { clockOffMsMax } from '../../src/base/replica-limits.ts';
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
    ['everything can be done by keyboard', worksByKeyboard],
    ['a phone’s width is enough, and axe finds nothing, light and dark', isAccessible],
    ['it can be installed', canBeInstalled],
    ['both devices and the hub store the same, to the last byte', isEqual],
    ['no page complained', site.isQuiet],
    ['Ctrl-C ends the server cleanly', site.endsServer],
  ],
  () => [ada, bo],
);

async function starts() {
  await site.start();
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

async function isEqual() {
  const [ofAda, ofBo] = [await fingerprint(ada), await fingerprint(bo)];
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: site.origin,
      region: 'local',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    }),
  );
  const ofHub = await fingerprintOf(
    [notesTable, photosTable, noticesTable],
    async function* (TableName) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName })) yield* Items;
    },
  );
  client.destroy();
  assert.deepEqual([ofAda, ofBo], [ofHub, ofHub]);
}

async function fingerprint(tab) {
  await state(tab, 'Up to date');
  await tab.getByText(/^nothing to send/).waitFor();
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
