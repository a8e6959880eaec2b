/** The page of `npm run bench`: runs one round of one contender when the runner asks for it. */
import type { Contender } from './contender.ts';
import { RawContender } from './raw.ts';
import { TidetableContender } from './tidetable.ts';
import { type Figures, measure } from './workloads.ts';

const contenders: Readonly<Record<string, () => Contender>> = {
  tidetable: () => new TidetableContender(),
  raw: () => new RawContender(),
};

declare global {
  interface Window {
    bench(name: string, round: number): Promise<Figures>;
  }
}

window.bench = (name, round) => {
  const make = contenders[name];
  if (make === undefined) throw new Error(`no contender ${name}`);
  return measure(make(), `bench-${name}-${round}-${Date.now()}`, round + 1);
};
document.title = 'ready';
