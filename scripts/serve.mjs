// `npm run serve -- ...`: the `tidetable serve` command from source, without a build.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error('running from source needs Node 22.18 or newer: run it through npm');
  process.exit(1);
}
process.argv.splice(2, 0, 'serve');
await import('../src/cli/main.ts');
