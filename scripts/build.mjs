/**
 * Builds the package into dist/: the entries by vite, their types by tsc.
 */
import { spawnSync } from 'node:child_process';
import { build } from 'vite';

await build({ configFile: 'vite.library.config.ts', logLevel: 'warn' });

const tsc = 'node_modules/typescript/bin/tsc';
const types = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.dts.json'], { stdio: 'inherit' });
if (types.status !== 0) process.exit(types.status ?? 1);
console.log('built dist');
