/**
 * The library build: an entry file per line of package.json's exports, shared chunks beside them.
 */
import { existsSync } from 'node:fs';
import { defineConfig } from 'vite';
import { entries, external, optimization } from './build/entries.ts';

const input = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));

export default defineConfig({
  // An inlined worker has no address from which it could load chunks.
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
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
