/**
 * Builds a page of the benchmark and serves it. Cross-origin isolated, so that the page's clock
 * counts in steps of 5 microseconds. Files that are named by their content may be kept for ever, as
 * hosts of pages have it: without that, a browser keeps no compiled code.
 */
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig, type Plugin, preview } from 'vite';

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const forEver = 'public, max-age=31536000, immutable';
const keepAssets: Plugin = {
  name: 'keep-assets',
  configurePreviewServer({ middlewares }) {
    middlewares.use(({ url }, response, next) => {
      if (url?.startsWith('/assets/') === true) {
        const write = response.writeHead.bind(response) as (
          status: number,
          headers?: object,
        ) => ServerResponse;
        // What serves a file says itself how long it may be kept.
        const writeHead = (status: number, headers?: object): ServerResponse =>
          write(status, status < 400 ? { ...headers, 'Cache-Control': forEver } : headers);
        Object.assign(response, { writeHead });
      }
      next();
    });
  },
};

export interface Served {
  readonly origin: string;
  close(): Promise<void>;
}

export async function serve(folder: URL, outDir: URL): Promise<Served> {
  const common: InlineConfig = {
    root: fileURLToPath(folder),
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    plugins: [keepAssets],
    build: { outDir: fileURLToPath(outDir), emptyOutDir: true, target: 'es2022' },
  };
  await build(common);
  const server = await preview({ ...common, preview: { port: 0, host: '127.0.0.1', headers } });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
