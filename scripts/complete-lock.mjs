/**
 * Completes package-lock.json after an `npm install` from a registry that lacks some packages.
 *
 * Tools with native parts (biome, oxc) name one optional package for each platform. Where the
 * registry does not hold those of other platforms, npm leaves them out of the lock, and `npm ci`
 * then refuses it everywhere. This writes what is missing, at the exact version that the parent
 * names, for the platform that its name says. Run it after every install: `node
 * scripts/complete-lock.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x'];
const path = new URL('../package-lock.json', import.meta.url);

const lock = JSON.parse(readFileSync(path, 'utf8'));
const { packages } = lock;
const missing = new Map();
for (const [parent, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${parent}/node_modules/${name}`;
    if (packages[nested] !== undefined || packages[`node_modules/${name}`] !== undefined) continue;
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) continue;
    missing.set(`node_modules/${name}`, describe(name, version, entry.dev));
  }
}
if (missing.size > 0) {
  const { '': root, ...others } = packages;
  const sorted = Object.entries({ ...others, ...Object.fromEntries(missing) }).sort(([a], [b]) => {
    return a < b ? -1 : 1;
  });
  lock.packages = { '': root, ...Object.fromEntries(sorted) };
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`${missing.size} packages of other platforms added`);

function describe(name, version, dev) {
  const words = name.split('/').at(-1).split('-');
  const os = systems.filter((system) => words.includes(system));
  let cpu = processors.filter((processor) => words.includes(processor));
  if (cpu.length === 0 && words.some((word) => word.startsWith('arm'))) cpu = ['arm'];
  const libc = words.some((word) => word.includes('musl')) ? ['musl'] : ['glibc'];
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(os.length === 1 && os[0] === 'linux' ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}
