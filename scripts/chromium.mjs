/** Where a Chromium is, and how it is started on machines without a display or a user. */
import { existsSync } from 'node:fs';

export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** CHROME_PATH, or Debian's; undefined when there is none. */
export function findChromium() {
  const given = process.env.CHROME_PATH;
  if (given !== undefined) return existsSync(given) ? given : undefined;
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((place) => existsSync(place));
}
