/** The entries of the package, their size budgets, and what stays outside the bundles. */

export const entries: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  worker: 'worker/web-worker.ts',
  aws: 'src/aws.ts',
  react: 'src/react.ts',
  sync: 'src/sync.ts',
  node: 'src/node.ts',
  testing: 'src/testing.ts',
  cli: 'src/cli.ts',
};

/** Where the file that is weighed for an entry is another: what a worker imports to be one. */
export const weighed: Readonly<Record<string, string>> = { worker: 'worker/inline-worker.ts' };

/** Gzip bytes of what an entry loads at once; chunks that it imports later are not counted. */
export const budgets: Readonly<Record<string, number>> = {
  index: 6 * 1024,
  // What it is made of: docs/adr/0014-what-the-worker-weighs.md.
  worker: 163 * 1024,
};

/** Limits are numbers: written where they are used, they are no chunk that others must load. */
export const optimization: { readonly inlineConst: { readonly mode: 'all' } } = {
  inlineConst: { mode: 'all' },
};

export const external: readonly (string | RegExp)[] = [
  /^node:/,
  'cloudflare:workers',
  'react',
  'jose',
  /^@aws-sdk\//,
];

/**
 * An inlined worker is one text: what it loads later would have no address to load from, and
 * whoever bundles the package cannot make it smaller.
 */
export const workerBuild: {
  readonly format: 'es';
  readonly rolldownOptions: {
    readonly output: { readonly codeSplitting: false; readonly minify: true };
  };
} = { format: 'es', rolldownOptions: { output: { codeSplitting: false, minify: true } } };
