/**
 * Which form should an answer have on its way from worker to page? Measures a round trip of items
 * of 300 bytes as cloned objects, as JSON, as encoded bytes decoded in the page (docs/adr/0002).
 */
import { ItemDecoder } from '../../../src/value/decode.ts';
import type { Ask, Form } from './forms-worker.ts';

const forms: readonly Form[] = ['clone', 'json', 'bytes transferred', 'bytes cloned'];
const shapes = [
  { name: '1 answer of 1 item', items: 1, answers: 1, rounds: 3000 },
  { name: '64 answers of 1 item', items: 1, answers: 64, rounds: 800 },
  { name: '1 answer of 100 items', items: 100, answers: 1, rounds: 600 },
];

declare global {
  interface Window {
    forms(): Promise<Record<string, Record<string, number>>>;
  }
}

window.forms = async () => {
  const worker = new Worker(new URL('./forms-worker.ts', import.meta.url), { type: 'module' });
  const ask = (message: Ask): Promise<number> => {
    return new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent): void => resolve(read(message.form, data));
      worker.postMessage(message);
    });
  };
  const table: Record<string, Record<string, number>> = {};
  for (const { name, items, answers, rounds } of shapes) {
    const row: Record<string, number[]> = {};
    for (let turn = 0; turn < 6; turn += 1) {
      for (const form of forms) {
        const started = performance.now();
        for (let round = 0; round < rounds; round += 1) {
          const count = await ask({ form, items, answers });
          if (count !== items * answers) throw new Error(`${form}: ${count} items`);
        }
        const times = row[form] ?? [];
        row[form] = times;
        // The first turn warms up.
        if (turn > 0) times.push(((performance.now() - started) * 1000) / rounds);
      }
    }
    table[name] = Object.fromEntries(
      Object.entries(row).map(([form, times]) => [form, median(times)]),
    );
  }
  worker.terminate();
  return table;
};
document.title = 'ready';

function read(form: Form, data: unknown): number {
  if (form === 'clone') return (data as unknown[]).length;
  if (form === 'json') return (JSON.parse(data as string) as unknown[]).length;
  const { places, bytes } = data as { places: number[]; bytes: ArrayBuffer };
  const decoder = new ItemDecoder(new Uint8Array(bytes), 'plain');
  return places.map((place) => decoder.at(place)).length;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}
