import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { external, optimization } from './build/entries.ts';
const result = await build({ configFile: false, logLevel: 'error', worker: { format: 'es' }, build: { write: false, target: 'es2022', lib: { formats: ['es'], entry: process.argv[2] ?? 'src/index.ts' }, rolldownOptions: { external: [...external], optimization, output: { minify: true } } } });
const outputs = Array.isArray(result) ? result : [result];
for (const c of outputs.flatMap(({ output }) => output)) if (c.isEntry) console.log(c.fileName, c.code.length, gzipSync(c.code, { level: 9 }).length, 6*1024, c.imports);
