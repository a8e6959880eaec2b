/** Starts the worker that measures the engine from within, and hands its figures on. */

declare global {
  interface Window {
    engine(): Promise<Record<string, number>>;
  }
}

interface Told {
  readonly figures?: Record<string, number>;
  readonly error?: string;
}

window.engine = () => {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Told>): void => {
      worker.terminate();
      if (data.figures === undefined) reject(new Error(data.error));
      else resolve(data.figures);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage('measure');
  });
};
document.title = 'ready';
