/**
 * Keeps the page, so that it starts without a network; the notes are no part of it.
 *
 * The build writes the files' names here. All of them are fetched before this one takes over, so a
 * page is never made of two releases. An address of the page itself is answered by the page.
 */
const files = [
  /* files */
];
// The names hold the hashes of what is in the files.
const cacheName = `fieldnotes ${files.join(' ')}`;

addEventListener('install', (event) => {
  const fill = async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(files.map((file) => new Request(`./${file}`, { cache: 'reload' })));
    await skipWaiting();
  };
  event.waitUntil(fill());
});

addEventListener('activate', (event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith('fieldnotes ') && name !== cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(clean());
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const home = new URL('./', location.href);
  if (request.method !== 'GET' || !url.href.startsWith(home.href)) return;
  const isPage = request.mode === 'navigate';
  const answer = async () => {
    const cache = await caches.open(cacheName);
    return (await cache.match(isPage ? home.href : request)) ?? fetch(request);
  };
  event.respondWith(answer());
});

// Background Sync: the network is back, and a page has writes that wait for it.
addEventListener('sync', (event) => {
  const tell = async () => {
    const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
    for (const page of pages) page.postMessage('tidetable:sync');
  };
  if (event.tag.startsWith('tidetable:')) event.waitUntil(tell());
});
