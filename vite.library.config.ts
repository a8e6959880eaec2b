/**
 * The library build: an entry file per line of package.json's exports, shared chunks beside them.
 */
import { existsSync } from 'node:fs';
import { defineConfig } from 'vite';
import { entries, external, optimization, workerBuild } from './build/entries.ts';

const input = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));

export default defineConfig({
  worker: workerBuild,
  build: {
    target: 'es2022',
    sourcemap: true,
    minify: false,
    emptyOutDir: true,
    lib: { formats: ['es'], entry: input },
    rolldownOptions: {
      external: [...external],
      optimization,
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});
