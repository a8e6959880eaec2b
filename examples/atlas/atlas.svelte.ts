/**
 * The state of the page: the database, the list, the city on show, and the edits that can be
 * undone.
 *
 * Tabs tell each other of edits by a BroadcastChannel. Who is told reads the edited city strongly
 * consistent, which brings the indexes of this tab up to date, and then repeats the Queries on
 * show.
 */
import { tick } from 'svelte';
import type { City, CityKey } from './city.ts';
import { type Failure, failureOf, isAbort, isOutdated, openFailureOf } from './failure.ts';
import { foldPrefix } from './fold.ts';
import { PagedList } from './list.svelte.ts';
import { Loading } from './loading.svelte.ts';
import {
  type CityChange,
  changeCity,
  citiesNear,
  citiesOf,
  cityAt,
  deleteCity,
  type NearCity,
  namesBeginning,
  restoreCity,
} from './queries.ts';
import { RequestLog } from './requests.svelte.ts';
import { hashOf, readRoute, type Route } from './route.ts';
import { openStore, type Store } from './store.ts';
import { citiesTable } from './tables.ts';

interface Undo {
  readonly what: string;
  readonly run: (store: Store) => Promise<void>;
  readonly key: CityKey;
}

const channelName = 'tidetable-atlas-edits';
const undosMax = 20;

export class Atlas {
  phase: 'opening' | 'failed' | 'open' = $state('opening');
  failure: Failure | undefined = $state.raw();
  /** How long opening took, in ms. */
  openedMs: number = $state(0);
  route: Route = $state.raw(readRoute(location.hash));
  /** The city on show. Undefined while it is read, null when there is none of that key. */
  city: City | null | undefined = $state.raw();
  near: readonly NearCity[] = $state.raw([]);
  /** Cities in the table, as DescribeTable counts them. */
  count: number | undefined = $state();
  /** What was done last, for the status line. */
  status: string = $state('');
  undos: readonly Undo[] = $state.raw([]);
  readonly log: RequestLog = new RequestLog();
  readonly loading: Loading = new Loading(this.log, () => void this.#loaded());
  readonly list: PagedList = new PagedList((failure) => this.#end(failure));
  readonly #channel: BroadcastChannel = new BroadcastChannel(channelName);
  #store: Store | undefined;
  #showing: AbortController = new AbortController();

  constructor() {
    this.#channel.onmessage = ({ data }: MessageEvent<CityKey>) => void this.#edited(data);
    addEventListener('popstate', () => this.#follow(readRoute(location.hash)));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.#edited(this.route.city);
    });
  }

  /** Opens the database, again if need be. */
  async open(): Promise<void> {
    this.phase = 'opening';
    this.failure = undefined;
    const started = performance.now();
    try {
      await this.#store?.db.close().catch(() => undefined);
      this.#store = await openStore(this.log);
    } catch (error) {
      this.#end(openFailureOf(error));
      return;
    }
    this.openedMs = performance.now() - started;
    this.phase = 'open';
    const { name, country, city } = this.route;
    this.#showList(name, country);
    this.#showCity(city);
    void this.#recount();
    await this.loading.begin(this.#store);
    if (this.loading.failure?.isFatal === true) this.#end(this.loading.failure);
  }

  search(name: string): void {
    this.#go({ name, country: '', city: undefined }, 'replace');
  }

  choose(country: string): void {
    this.#go({ name: '', country, city: undefined }, 'push');
  }

  show(city: CityKey | undefined): void {
    const key = city === undefined ? undefined : { country: city.country, id: city.id };
    this.#go({ ...this.route, city: key }, 'push');
  }

  /** Says whether it was done. */
  async change(before: City, to: CityChange): Promise<boolean> {
    return this.#edit(before, async (store) => {
      const after = await changeCity(store, before, to);
      this.#done(`Saved ${to.name}.`, {
        what: `the change of ${before.name}`,
        key: before,
        run: async (again) => void (await changeCity(again, after, before)),
      });
    });
  }

  async remove(before: City): Promise<boolean> {
    return this.#edit(before, async (store) => {
      await deleteCity(store, before);
      this.#done(`Deleted ${before.name}.`, {
        what: `the deletion of ${before.name}`,
        key: before,
        run: (again) => restoreCity(again, before),
      });
    });
  }

  async undo(): Promise<void> {
    const [last, ...others] = this.undos;
    if (last === undefined) return;
    this.undos = others;
    await this.#edit(last.key, async (store) => {
      await last.run(store);
      this.status = `Took back ${last.what}.`;
    });
  }

  #done(status: string, undo: Undo): void {
    this.status = status;
    this.undos = [undo, ...this.undos].slice(0, undosMax);
  }

  async #edit(key: CityKey, work: (store: Store) => Promise<void>): Promise<boolean> {
    const store = this.#store;
    if (store === undefined) return false;
    let isDone = false;
    try {
      await work(store);
      isDone = true;
      this.#channel.postMessage({ country: key.country, id: key.id });
    } catch (error) {
      const failure = failureOf(error);
      this.status = isOutdated(error)
        ? 'Not done: this city was changed in the meantime. It is shown as it is now.'
        : `Not done: ${failure.said}`;
      if (failure.isFatal) this.#end(failure);
    }
    await this.#edited(undefined);
    await moveFocus(this.route.city, key);
    return isDone;
  }

  /** Repeats what is on show, after an edit here or of `key` elsewhere. */
  async #edited(key: CityKey | undefined): Promise<void> {
    const store = this.#store;
    if (store === undefined || this.phase !== 'open') return;
    try {
      if (key !== undefined) await cityAt(store, key);
    } catch (error) {
      if (failureOf(error).isFatal) this.#end(failureOf(error));
      return;
    }
    void this.#recount();
    const shown = this.route.city;
    await Promise.all([this.list.refresh(), this.#readCity(shown)]);
  }

  async #loaded(): Promise<void> {
    await this.#recount();
    await this.#edited(undefined);
  }

  #go(route: Route, how: 'push' | 'replace'): void {
    const hash = hashOf(route);
    if (how === 'push') history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
    this.#follow(route);
  }

  #follow(route: Route): void {
    const before = this.route;
    this.route = route;
    if (route.name !== before.name || route.country !== before.country) {
      this.#showList(route.name, route.country);
    }
    if (hashOf({ ...before, city: route.city }) !== hashOf(before)) this.#showCity(route.city);
  }

  #showList(name: string, country: string): void {
    const store = this.#store;
    if (store === undefined) return;
    const prefix = foldPrefix(name);
    if (prefix !== '') void this.list.show(namesBeginning(store, prefix));
    else void this.list.show(country === '' ? undefined : citiesOf(store, country));
  }

  #showCity(key: CityKey | undefined): void {
    const before = this.city;
    if (key === undefined) this.city = undefined;
    // The city before stays until the other is there: the page does not flicker.
    void this.#readCity(key).then(() => moveFocus(key, before));
  }

  async #readCity(key: CityKey | undefined): Promise<void> {
    const store = this.#store;
    this.#showing.abort();
    if (store === undefined || key === undefined) return;
    const showing = new AbortController();
    this.#showing = showing;
    try {
      const city = (await cityAt(store, key)) ?? null;
      const near = city === null ? [] : await citiesNear(store, city, showing.signal);
      if (showing.signal.aborted) return;
      this.city = city;
      this.near = near;
    } catch (error) {
      if (showing.signal.aborted || isAbort(error)) return;
      const failure = failureOf(error);
      this.status = failure.said;
      if (failure.isFatal) this.#end(failure);
    }
  }

  async #recount(): Promise<void> {
    const { db } = this.#store ?? {};
    const answer = await db?.describeTable({ TableName: citiesTable }).catch(() => undefined);
    this.count = answer?.Table?.ItemCount ?? this.count;
  }

  #end(failure: Failure): void {
    this.failure = failure;
    this.phase = 'failed';
  }
}

/**
 * Where the focused control went away, focus goes to what took its place: to the city, or back to
 * its row in the list. On a narrow page one takes the place of the other.
 */
async function moveFocus(to: CityKey | undefined, from: CityKey | null | undefined): Promise<void> {
  await tick();
  const focused = document.activeElement;
  const isSeen = focused instanceof HTMLElement && focused.checkVisibility();
  if (isSeen && focused !== document.body) return;
  const row = from ? `[data-city="${from.country}${from.id}"]` : 'input';
  const target = to === undefined ? `.finder ${row}` : '#city';
  document.querySelector<HTMLElement>(target)?.focus();
}
