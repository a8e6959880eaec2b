/** Answers items in the form asked for: what an engine whose items are encoded bytes would do. */
import { decodeItem, encodeItem } from '../../../src/value/codec.ts';
import { itemToPlain, plainReader } from '../../../src/value/plain.ts';
import { itemOf } from '../items.ts';

export type Form = 'clone' | 'json' | 'bytes transferred' | 'bytes cloned';

export interface Ask {
  readonly form: Form;
  /** Items an answer, and answers a message. */
  readonly items: number;
  readonly answers: number;
}

const stored = Array.from({ length: 200 }, (_, index) => {
  return encodeItem(plainReader.item(itemOf(index)));
});

self.onmessage = ({ data }: MessageEvent<Ask>): void => {
  const wanted = stored.slice(0, Math.min(stored.length, data.items * data.answers));
  if (data.form === 'clone') {
    self.postMessage(wanted.map((bytes) => itemToPlain(decodeItem(bytes))));
    return;
  }
  if (data.form === 'json') {
    self.postMessage(JSON.stringify(wanted.map((bytes) => itemToPlain(decodeItem(bytes)))));
    return;
  }
  const packed = new Uint8Array(wanted.reduce((sum, { length }) => sum + length, 0));
  const places: number[] = [];
  let at = 0;
  for (const bytes of wanted) {
    packed.set(bytes, at);
    places.push(at);
    at += bytes.length;
  }
  const transfer = data.form === 'bytes transferred' ? [packed.buffer] : [];
  self.postMessage({ places, bytes: packed.buffer }, { transfer });
};
