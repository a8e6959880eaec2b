/**
 * Builds a page of the benchmark and serves it. Cross-origin isolated, so that the page's clock
 * counts in steps of 5 microseconds.
 */
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface Served {
  readonly origin: string;
  close(): Promise<void>;
}

export async function serve(folder: URL, outDir: URL): Promise<Served> {
  const common = {
    root: fileURLToPath(folder),
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: fileURLToPath(outDir), emptyOutDir: true, target: 'es2022' },
  } as const;
  await build(common);
  const server = await preview({ ...common, preview: { port: 0, host: '127.0.0.1', headers } });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
