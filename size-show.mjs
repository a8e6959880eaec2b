import { build } from 'vite';
import { external, optimization } from './build/entries.ts';
const result = await build({ configFile: false, logLevel: 'error', worker: { format: 'es' }, build: { write: false, target: 'es2022', lib: { formats: ['es'], entry: 'src/index.ts' }, rolldownOptions: { external: [...external], optimization, output: { minify: true } } } });
const outputs = Array.isArray(result) ? result : [result];
for (const c of outputs.flatMap(({ output }) => output)) if (c.isEntry) { console.log(c.code); for (const [k,v] of Object.entries(c.modules)) console.error(k.replace(process.cwd(),''), v.renderedLength); }
