/**
 * Imports by the clients of a simulation: into an empty table by a build, into another by the log;
 * some are aborted, and some of those that broke off are resumed, in whatever tab.
 *
 * The ledger judges what an import writes; here it is judged what it says.
 */
import type { Prng } from '../../src/base/prng.ts';
import type { ImportResult, ImportSession } from '../../src/engine/import-types.ts';
import { owner } from '../../src/operation/request.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';
import { importedBy } from '../model/model.ts';
import { type Input, keyOf } from '../model/state.ts';
import type { Device, Tab } from './device.ts';
import { isDynamo, type Judge } from './judge.ts';
import type { Ledger, Op } from './ledger.ts';
import { importedItems, type Shape, tableGamma } from './operations.ts';
import type { SeededScheduler } from './scheduler.ts';

interface Parts {
  readonly scheduler: SeededScheduler;
  readonly ledger: Ledger;
  readonly judge: Judge;
  readonly device: Device;
  readonly shape: Shape;
}

/** What is imported, the same each time it is tried. */
interface Source {
  readonly marker: number;
  readonly input: { readonly TableName: string; readonly Items: readonly Input[] };
  /** Places where a batch ends. */
  readonly cuts: readonly number[];
  /** Empty: it is not resumed. */
  readonly importId: string;
}

/** Where the table has items, each goes through the log. */
const loggedMax = 24;
const builtMax = 300;

export class Imports {
  readonly #parts: Parts;
  readonly #random: Prng;
  /** Those that broke off and can be resumed. */
  readonly #broken: Source[] = [];
  /** How many imports a tab has been asked for that are not over. */
  readonly #busy = new Map<Tab, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#random = parts.scheduler.random;
  }

  /** Imports something by `tab`; resolves when that is over, or the tab is dead. */
  async ask(client: number, id: number, marker: number, tab: Tab): Promise<void> {
    const { ledger, device } = this.#parts;
    const resumes = this.#random.chance(0.7) ? this.#broken.pop() : undefined;
    const source = resumes ?? this.#draw(marker);
    const op = ledger.begin({
      id,
      client,
      operation: 'Import',
      input: source.input,
      marker: source.marker,
      engine: tab.id,
      removes: false,
    });
    const { life } = ledger;
    const count = (by: 1 | -1): void => {
      this.#busy.set(tab, (this.#busy.get(tab) ?? 0) + by);
    };
    const shared = (this.#busy.get(tab) ?? 0) > 0;
    count(1);
    await new Promise<void>((resolve) => {
      const ended = (): void => {
        ledger.end(op);
        count(-1);
      };
      const cut = (): void => {
        ended();
        if (source.importId !== '') this.#broken.push(source);
        resolve();
      };
      tab.cuts.add(cut);
      const over = (judge: () => void, isKnown: boolean): void => {
        if (!tab.cuts.delete(cut)) return;
        if (life === ledger.life && !device.isOrphan(tab)) judge();
        if (isKnown) ended();
        else tab.cuts.add(ended);
        resolve();
      };
      this.#run(source, tab).then(
        (result) => over(() => this.#check(op, source, result), true),
        (error: Error) => {
          if (source.importId !== '') this.#broken.push(source);
          over(() => this.#checkError(op, error, { tab, shared }), isDynamo(error));
        },
      );
    });
  }

  #draw(marker: number): Source {
    const { ledger, shape } = this.#parts;
    const { tables } = ledger.state;
    const isEmpty = (name: string): boolean => (tables.get(name)?.items.size ?? 0) === 0;
    const others = ['Gamma', 'Gamma', 'Gamma', 'Beta', 'Alpha'] as const;
    const chosen = others[this.#random.below(others.length)] as string;
    const TableName = tables.has('Alpha') && isEmpty('Alpha') ? 'Alpha' : chosen;
    const most = isEmpty(TableName) ? builtMax : loggedMax;
    const { items, cuts } = importedItems(this.#random, shape, marker, most);
    const importId = this.#random.chance(0.5) ? `import${marker}` : '';
    return { marker, input: { TableName, Items: items }, cuts, importId };
  }

  async #run({ input, cuts, importId }: Source, tab: Tab): Promise<ImportResult | undefined> {
    const { TableName, Items } = input;
    const made = TableName === 'Gamma' && !this.#parts.ledger.state.tables.has('Gamma');
    if (made) await this.#make(tab);
    const session = await tab.engine.import({
      table: TableName,
      made,
      importId: importId === '' ? undefined : importId,
      form: 'wire',
      runBytes: 4000 + this.#random.below(100_000),
    });
    const aborts = this.#random.chance(0.1);
    let from = session.resumed.items;
    for (const to of cuts) {
      if (to <= from) continue;
      if (aborts && this.#random.chance(0.5)) return this.#abort(session);
      await session.write({ items: Items.slice(from, to) });
      from = to;
    }
    return session.finish();
  }

  async #abort(session: ImportSession): Promise<undefined> {
    await session.abort();
    return undefined;
  }

  /** Another tab may make it at the same time. */
  async #make({ engine }: Tab): Promise<void> {
    const request = { operation: 'CreateTable', input: tableGamma, form: 'wire', caller: owner };
    await engine.call(request as Parameters<typeof engine.call>[0]).catch((error: Error) => {
      if (error.name !== 'ResourceInUseException') throw error;
    });
  }

  #check(op: Op, { input, importId }: Source, result: ImportResult | undefined): void {
    const { judge } = this.#parts;
    const { TableName, Items } = input;
    const keys = new Set(Items.map(keyTextOf));
    if (result === undefined) {
      if (op.attached) judge.violate(op, 'was aborted, and stands');
      return;
    }
    const { processedItemCount, importedItemCount, errorCount, overwrittenItemCount, way } = result;
    const missing = way === 'build' ? (op.attached ? 0 : keys.size) : this.#unwritten(op);
    if (missing > 0) judge.violate(op, `was acknowledged without ${missing} of ${TableName}`);
    const counts = [processedItemCount, importedItemCount, errorCount, overwrittenItemCount];
    // What was overwritten in an earlier life is not counted again.
    const overwritten = importId === '' ? Items.length - keys.size : overwrittenItemCount;
    const wanted = [Items.length, Items.length, 0, overwritten];
    if (String(counts) !== String(wanted)) judge.violate(op, `counts ${counts}, not ${wanted}`);
  }

  /** How many items were not put; one that was there already, of an earlier try, is not. */
  #unwritten({ input, since, commits }: Op): number {
    const { ledger } = this.#parts;
    const written = new Set(commits.map(({ key }) => key));
    const last = new Map(importedBy(input).map((item) => [keyOf(item), item]));
    const wasThere = (key: string, item: Item): boolean => {
      for (let at = since; at <= ledger.length; at += 1) {
        const table = ledger.stateAt(at)?.tables.get(input['TableName'] as string);
        const found = table?.items.get(key);
        if (found !== undefined && equalItems(found, item)) return true;
      }
      return false;
    };
    return [...last].filter(([key, item]) => !written.has(key) && !wasThere(key, item)).length;
  }

  /** `shared`: the tab had an import under way already. An import is several calls. */
  #checkError(op: Op, error: Error, { tab, shared }: { tab: Tab; shared: boolean }): void {
    const { judge, ledger, device } = this.#parts;
    if (!isDynamo(error)) {
      if (error.message === 'The database is closed' && device.isLeaving(tab)) return;
      const fault = judge.unexcused(error);
      if (fault !== undefined) judge.violate(op, fault);
      return;
    }
    if (op.attached) judge.violate(op, `stands, and was refused: ${error.message}`);
    if (error.name === 'LimitExceededException' && shared) return;
    // The table was not there, or not ready, at some time.
    for (let at = op.since; at <= ledger.length; at += 1) {
      const table = ledger.stateAt(at)?.tables.get(op.input['TableName'] as string);
      if (table?.status !== 'ACTIVE') return;
    }
    judge.violate(op, `was refused: ${error.name} ${error.message}`);
  }
}

function keyTextOf(item: Input): string {
  return JSON.stringify([item['p'], item['s']]);
}
