/** The entries of the package, their size budgets, and what stays outside the bundles. */

export const entries: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  worker: 'worker/web-worker.ts',
  aws: 'src/aws.ts',
  node: 'src/node.ts',
  testing: 'src/testing.ts',
  cli: 'src/cli.ts',
};

/** Gzip bytes of what an entry loads at once; chunks that it imports later are not counted. */
export const budgets: Readonly<Record<string, number>> = {
  index: 6 * 1024,
  // 75 KB for tables and items; PartiQL takes 11 more.
  worker: 86 * 1024,
};

export const external: readonly (string | RegExp)[] = [
  /^node:/,
  'cloudflare:workers',
  'react',
  /^@aws-sdk\//,
];
