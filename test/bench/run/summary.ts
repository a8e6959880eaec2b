/** From the figures of every round to medians, ratios and the table that is printed last. */
import { contenders } from '../contenders.ts';
import type { Figures } from '../measure.ts';
import { isMoreBetter, type Workload, workloads } from './catalog.ts';
import { median } from './parts.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly all: readonly number[];
}

export interface Line extends Workload {
  readonly figures: Readonly<Record<string, Spread>>;
  /** Of each contender to raw; above 1 is better than raw. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Whether Tidetable is where it is wanted; absent where nothing is wanted or measured. */
  readonly reached?: boolean;
}

/** One measurement: who, in which round, and what came out. */
export interface Measured {
  readonly contender: string;
  readonly round: number;
  readonly figures: Figures;
}

/** The lines of what was measured, `only` of a workload's name or part when given. */
export function linesOf(measured: readonly Measured[], wanted: (row: Workload) => boolean): Line[] {
  const lines: Line[] = [];
  for (const workload of workloads) {
    if (!wanted(workload)) continue;
    const figures = new Map<string, Spread>();
    for (const name of contenders.keys()) {
      const all = measured
        .filter(({ contender }) => contender === name)
        .flatMap(({ figures: found }) => found[workload.name] ?? []);
      if (all.length > 0) figures.set(name, spreadOf(all));
    }
    if (figures.size > 0) lines.push(lineOf(workload, figures));
  }
  return lines;
}

function spreadOf(all: readonly number[]): Spread {
  return { median: median(all), min: Math.min(...all), max: Math.max(...all), all };
}

function lineOf(workload: Workload, figures: ReadonlyMap<string, Spread>): Line {
  const raw = figures.get('raw')?.median;
  const ratios = new Map<string, number>();
  for (const [name, { median: figure }] of figures) {
    if (raw !== undefined && name !== 'raw') {
      ratios.set(name, isMoreBetter(workload) ? figure / raw : raw / figure);
    }
  }
  const reached = reachedBy(workload, figures.get('tidetable')?.median, ratios.get('tidetable'));
  return {
    ...workload,
    figures: Object.fromEntries(figures),
    ratios: Object.fromEntries(ratios),
    ...(reached === undefined ? {} : { reached }),
  };
}

function reachedBy(
  { wanted, atMost, atLeast }: Workload,
  figure: number | undefined,
  ratio: number | undefined,
): boolean | undefined {
  if (figure === undefined) return undefined;
  if (atMost !== undefined) return figure <= atMost;
  if (atLeast !== undefined) return figure >= atLeast;
  if (wanted === undefined || ratio === undefined) return undefined;
  return ratio >= wanted;
}

/** Figures of each contender, then the ratios to raw. */
export function print(lines: readonly Line[]): void {
  const names = [...contenders.keys()].filter((name) => lines.some((line) => line.figures[name]));
  const head = (title: string, of: readonly string[]): string => {
    return title.padEnd(32) + of.map((name) => name.padStart(12)).join('');
  };
  const others = names.filter((name) => name !== 'raw');
  console.log(`\n${head('figure (median)', names)}`);
  for (const { name, unit, figures } of lines) {
    const cells = names.map((each) => figureOf(figures[each]?.median).padStart(12)).join('');
    console.log(`${`${name} [${unit}]`.padEnd(32)}${cells}`);
  }
  console.log(`\n${head('times as good as raw', others)}  wanted`);
  for (const line of lines) {
    const cells = others.map((each) => {
      const ratio = line.ratios[each];
      return (ratio === undefined ? '' : ratio.toFixed(2)).padStart(12);
    });
    console.log(`${line.name.padEnd(32)}${cells.join('')}  ${wantedOf(line)}`.trimEnd());
  }
}

function wantedOf({ wanted, atMost, atLeast, unit, reached }: Line): string {
  const mark = reached === undefined ? '' : reached ? ' yes' : ' NO';
  if (atMost !== undefined) return `<=${atMost} ${unit}${mark}`;
  if (atLeast !== undefined) return `>=${atLeast} ${unit}${mark}`;
  return wanted === undefined ? '' : `${wanted.toFixed(2)}${mark}`;
}

export function figureOf(figure: number | undefined): string {
  if (figure === undefined) return '';
  return figure.toLocaleString('en', {
    maximumFractionDigits: figure < 2 ? 2 : figure < 100 ? 1 : 0,
  });
}
