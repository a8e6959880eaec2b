/** Field notes from the sources of the package: no build of it is needed before. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** Beside what the bundler makes. */
const stillFiles = ['fieldnotes.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png'];

/** The service worker, which is told what the page is made of. */
function serviceWorker(): Plugin {
  return {
    name: 'fieldnotes-service-worker',
    generateBundle(_, bundle) {
      const made = Object.values(bundle).map(({ fileName }) => fileName);
      const files = ['', ...made.filter((name) => name !== 'index.html'), ...stillFiles];
      const code = readFileSync(path('./service-worker.js'), 'utf8');
      const source = code.replace('/* files */', files.map((file) => JSON.stringify(file)).join());
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    },
  };
}

export default defineConfig({
  root: path('.'),
  base: './',
  publicDir: path('./public'),
  plugins: [svelte(), serviceWorker()],
  resolve: {
    alias: [
      { find: /^tidetable$/, replacement: path('../../src/index.ts') },
      { find: /^tidetable\/sync$/, replacement: path('../../src/sync.ts') },
    ],
  },
  // An inlined worker has no address from which it could load chunks.
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  build: {
    target: 'es2022',
    outDir: path('../dist/examples/fieldnotes'),
    emptyOutDir: true,
    // The worker's, which is loaded beside the page.
    chunkSizeWarningLimit: 2000,
  },
});
