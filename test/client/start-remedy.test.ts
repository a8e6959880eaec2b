import { afterEach, expect, test, vi } from 'vitest';
import { startRemedy } from '../../src/client/start-remedy.ts';

afterEach(() => vi.unstubAllGlobals());

test('where there are workers, a policy may forbid ours', () => {
  vi.stubGlobal('Worker', class {});
  expect(startRemedy()).toMatch(/^ If a Content-Security-Policy .*`worker-src blob:`.*\.$/);
});

test('where there are none, other entries work', () => {
  vi.stubGlobal('Worker', undefined);
  expect(startRemedy()).toMatch(/^ In Node, .*tidetable\/node.*tidetable\/testing\.$/);
});
