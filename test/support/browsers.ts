/**
 * Which browsers this machine has, and how to get those it has not.
 *
 * CHROME_PATH and FIREFOX_PATH name a browser outright. WebKit is driven through WebKitWebDriver,
 * which comes with WebKitGTK's MiniBrowser on Debian and Ubuntu.
 */
import { existsSync, readdirSync } from 'node:fs';
import { chromium } from 'playwright';

export interface Browsers {
  readonly chromium?: string | undefined;
  readonly firefox?: string | undefined;
  readonly webkit?: { readonly browser: string; readonly driver: string } | undefined;
}

const libraries = '/usr/lib';
const webkitDriver = '/usr/bin/WebKitWebDriver';

function first(...paths: readonly (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined && existsSync(path));
}

/** The one that the environment names, even if it is not there; else the first that is. */
function named(variable: string, ...paths: readonly (string | undefined)[]): string | undefined {
  const given = process.env[variable];
  return given === undefined ? first(...paths) : first(given);
}

/** MiniBrowser lives in a folder named after the machine, such as x86_64-linux-gnu. */
function findMiniBrowser(): string | undefined {
  if (!existsSync(libraries)) return undefined;
  const folders = readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu'));
  const versions = ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'];
  return first(
    ...folders.flatMap((folder) =>
      versions.map((version) => `${libraries}/${folder}/${version}/MiniBrowser`),
    ),
  );
}

/** One that playwright has downloaded, if it has. */
function playwrightChromium(): string | undefined {
  try {
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

export function findBrowsers(): Browsers {
  const mini = findMiniBrowser();
  return {
    chromium: named(
      'CHROME_PATH',
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      playwrightChromium(),
    ),
    firefox: named('FIREFOX_PATH', '/usr/bin/firefox-esr', '/usr/bin/firefox'),
    webkit: mini && existsSync(webkitDriver) ? { browser: mini, driver: webkitDriver } : undefined,
  };
}

export function missingBrowsers(found: Browsers): readonly (keyof Browsers)[] {
  return (['chromium', 'firefox', 'webkit'] as const).filter((name) => found[name] === undefined);
}

/** What a person reads when browsers are missing. */
export function howToInstall(missing: readonly string[]): string {
  return (
    `browsers not found: ${missing.join(', ')}. Run: apt-get update && apt-get install -y ` +
    'chromium firefox-esr webkit2gtk-driver xvfb (or set CHROME_PATH, FIREFOX_PATH)'
  );
}
