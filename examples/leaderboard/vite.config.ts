/** The leaderboard from the sources of the package: no build of it is needed before. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  base: './',
  plugins: [svelte()],
  resolve: {
    alias: [{ find: /^tidetable$/, replacement: path('../../src/index.ts') }],
  },
  // An inlined worker has no address from which it could load chunks.
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  build: {
    target: 'es2022',
    outDir: path('../dist/examples/leaderboard'),
    emptyOutDir: true,
    // The worker's, which is loaded beside the page.
    chunkSizeWarningLimit: 2000,
  },
});
