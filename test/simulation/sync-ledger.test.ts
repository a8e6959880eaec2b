/** The judge of a simulated world: what it holds a hub to, and what it does not. */
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { stampBytes } from '../../src/base/hlc.ts';
import { prng } from '../../src/base/prng.ts';
import { type Base, encodeEntry } from '../../src/replica/entry.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { hashPrefix } from '../../src/value/key.ts';
import { Ancestry, nameOf } from './sync-ancestry.ts';
import { lookAtPair } from './sync-clients.ts';
import { type Judge, SyncLedger } from './sync-ledger.ts';
import { Sales } from './sync-sales.ts';

const key = Uint8Array.of(1);
const replica = new Uint8Array(16).fill(7);
const first: Judge = { name: 'hub', life: 0 };
const second: Judge = { name: 'hub', life: 1 };
const none: Base = { kind: 'none' };
const wasTaken = /was taken though what it read was refused/;

/** Entry `seq` of the one replica, as `by` has answered it. */
function told(ledger: SyncLedger, by: Judge, seq: number, Kind: string): void {
  const image = encodeItem(new Map([['w', { type: 'S', value: `d0-${seq}` } as const]]));
  const base: Base = seq === 1 ? none : { kind: 'on', seq: seq - 1, isRead: true };
  const mutation = { table: 'things', key, base, isDeleted: false, image };
  const stamp = { ms: seq, counter: 0, replica };
  const entry = { seq, id: new Uint8Array(16).fill(seq), stamp, mutations: [mutation] };
  ledger.consumed({ Entry: encodeEntry(entry) }, { Kind, Code: '', Ms: seq, Counter: 0 }, by);
}

describe('what reads a refused entry', () => {
  test('is refused by the hub that has refused that', () => {
    const ledger = new SyncLedger();
    told(ledger, first, 1, 'refused');
    told(ledger, first, 2, 'applied');
    expect(ledger.violations).toMatchObject([expect.stringMatching(wasTaken)]);
  });

  /** The first came empty; `isAsked`: the hub was asked for it as it was before. */
  const takenOnEmpty = (voidedBy: number | undefined, isAsked: boolean): readonly string[] => {
    const ledger = new SyncLedger();
    const stamp = { ms: 1, counter: 0, replica };
    const empty = { seq: 1, id: new Uint8Array(16).fill(1), stamp, voidedBy, mutations: [] };
    const written = { table: 'things', key, base: none, isDeleted: true };
    const whole = encodeEntry({ ...empty, voidedBy: undefined, mutations: [written] });
    if (isAsked) ledger.asked({ Entry: whole }, first);
    const answer = { Kind: 'applied', Code: '', Ms: 1, Counter: 0 };
    ledger.consumed({ Entry: encodeEntry(empty) }, answer, first);
    told(ledger, first, 2, 'applied');
    return ledger.violations;
  };

  test('is not sent either where that was withdrawn before it was', () => {
    expect(takenOnEmpty(1, false)).toMatchObject([expect.stringMatching(wasTaken)]);
  });

  test.each([
    ['the hub may have taken that before it came empty', 1, true],
    ['that is lost, and not withdrawn', undefined, false],
  ] as const)('may be taken where %s', (_, voidedBy, isAsked) => {
    expect(takenOnEmpty(voidedBy, isAsked)).toEqual([]);
  });

  test('may be taken by a hub in the place of the first, which has taken that', () => {
    const ledger = new SyncLedger();
    told(ledger, first, 1, 'refused');
    ledger.isSetBack = true;
    told(ledger, second, 1, 'applied');
    told(ledger, second, 2, 'applied');
    expect(ledger.violations).toEqual([]);
  });

  test('is refused by a hub in the place of the first, which refuses that too', () => {
    const ledger = new SyncLedger();
    told(ledger, first, 1, 'refused');
    told(ledger, first, 2, 'refused');
    ledger.isSetBack = true;
    told(ledger, second, 1, 'refused');
    told(ledger, second, 2, 'applied');
    expect(ledger.violations).toMatchObject([expect.stringMatching(wasTaken)]);
  });

  test('is taken by nobody where a late copy of it is answered', () => {
    const ledger = new SyncLedger();
    told(ledger, first, 1, 'refused');
    told(ledger, first, 2, 'refused');
    ledger.isSetBack = true;
    told(ledger, first, 2, 'applied');
    expect(ledger.violations).toEqual([]);
  });

  /** The first was refused; then pages were lost, and the hub takes what has read it. */
  const takenAfterLosses = (ofDevice: boolean, ofHub: boolean, by: Judge): readonly string[] => {
    const ledger = new SyncLedger();
    told(ledger, first, 1, 'refused');
    if (ofDevice) {
      const stamp = { ms: 1, counter: 0, replica };
      ledger.lost(replica, [{ seq: 1, id: new Uint8Array(16), stamp, mutations: [] }]);
    }
    ledger.hubLostMarks = ofHub;
    told(ledger, by, 2, 'applied');
    return ledger.violations;
  };

  test('may be taken where its device has lost that unheard, and the hub that it has refused it', () => {
    expect(takenAfterLosses(true, true, second)).toEqual([]);
  });

  test.each([
    ['its device has that', false, true, second],
    ['the hub has its marks', true, false, second],
    ['the hub has refused that since its loss', true, true, first],
  ])('is refused where %s', (_, ofDevice, ofHub, by) => {
    const said = takenAfterLosses(ofDevice, ofHub, by);
    expect(said).toMatchObject([expect.stringMatching(wasTaken)]);
  });

  test('may be taken by a hub that knows nothing of what another has refused', () => {
    const ledger = new SyncLedger();
    told(ledger, first, 1, 'refused');
    ledger.isSetBack = true;
    told(ledger, { name: 'hub1', life: 0 }, 2, 'applied');
    expect(ledger.violations).toEqual([]);
  });
});

test('a request that a hub refused is applied once a hub in its place has taken it', () => {
  const ledger = new SyncLedger();
  const news = { violate: () => undefined, fire: () => undefined };
  ledger.sales = new Sales(prng(1), { ...news, hasOrders: false });
  const { input } = ledger.sales.sale('d0', 'd0-1', prng(1));
  const request = { operation: 'UpdateItem', form: 'wire', input: encodeInput(input) } as const;
  const stamp = { ms: 1, counter: 0, replica };
  const entry = { seq: 1, id: new Uint8Array(16).fill(1), stamp, confirm: 'request' } as const;
  const Entry = encodeEntry({ ...entry, request, mutations: [] });
  ledger.consumed({ Entry }, { Kind: 'refused', Code: '', Ms: 1, Counter: 0 }, first);
  expect(ledger.outcomes.get('d0-1')).toBe('refused');
  ledger.isSetBack = true;
  ledger.consumed({ Entry }, { Kind: 'applied', Code: '', Ms: 2, Counter: 0 }, second);
  expect(ledger.outcomes.get('d0-1')).toBe('applied');
  expect(ledger.violations).toEqual([]);
});

describe('an entry with the number of one that the hub has had', () => {
  const taken = (hubLostMarks: boolean, Ms: number, by: Judge): readonly string[] => {
    const ledger = new SyncLedger();
    ledger.hubLostMarks = hubLostMarks;
    for (const [at, w] of ['d0-1', 'd0-2'].entries()) {
      const image = encodeItem(new Map([['w', { type: 'S', value: w } as const]]));
      const base = { kind: 'none' } as const;
      const mutations = [
        { table: 'things', key: new Uint8Array([at]), base, isDeleted: false, image },
      ];
      const stamp = { ms: at === 0 ? 1 : Ms, counter: 0, replica };
      const Entry = encodeEntry({ seq: 1, id: new Uint8Array(16).fill(at), stamp, mutations });
      const answer = { Kind: 'applied', Code: '', Ms: stamp.ms, Counter: 0 };
      ledger.consumed({ Entry }, answer, at === 0 ? first : by);
    }
    return [...ledger.expected().keys()];
  };

  test('counts where both have lost what they knew of the number', () => {
    expect(taken(true, 5, second)).toEqual(['things 00', 'things 01']);
  });

  test.each([
    ['the hub has its marks', false, 5, second],
    ['the hub answers as it did', true, 1, second],
    ['the hub has lost nothing since', true, 5, first],
  ] as const)('is answered as that was where %s', (_, hubLostMarks, ms, by) => {
    expect(taken(hubLostMarks, ms, by)).toEqual(['things 00']);
  });
});

describe('an entry under another id of its device', () => {
  const other = new Uint8Array(16).fill(8);

  test('counts where that is taken, though it was refused before', () => {
    const ledger = new SyncLedger();
    ledger.isCloned = true;
    const image = encodeItem(new Map([['w', { type: 'S', value: 'd0-1' } as const]]));
    const mutation = { table: 'things', key, base: { kind: 'none' }, isDeleted: false } as const;
    for (const [of, Kind] of [
      [replica, 'refused'],
      [other, 'applied'],
    ] as const) {
      const stamp = { ms: 1, counter: 0, replica: of };
      const mutations = [{ ...mutation, image }];
      const Entry = encodeEntry({ seq: 1, id: new Uint8Array(16), stamp, mutations });
      ledger.consumed({ Entry }, { Kind, Code: '', Ms: 1, Counter: 0 }, first);
    }
    expect([...ledger.expected().keys()]).toEqual(['things 01']);
    expect(ledger.violations).toEqual([]);
  });

  /** By key, the times of what the hub is to have, of which the halves of a clone sent these. */
  const left = (...sent: readonly (readonly [of: Uint8Array, ms: number, w?: string])[]) => {
    const ledger = new SyncLedger();
    ledger.isCloned = true;
    for (const [of, ms, w] of sent) {
      const stamp = { ms, counter: 0, replica: of };
      const image = encodeItem(new Map([['w', { type: 'S', value: w ?? '' } as const]]));
      const mutation = { table: 'things', key, base: { kind: 'none' }, isDeleted: false } as const;
      const mutations = w === undefined ? [] : [{ ...mutation, image }];
      const id = new Uint8Array(16).fill(w === 'd0-2' ? 2 : 1);
      const Entry = encodeEntry({ seq: ms, id, stamp, mutations });
      ledger.consumed({ Entry }, { Kind: 'applied', Code: '', Ms: ms, Counter: 0 }, first);
    }
    expect(ledger.violations).toEqual([]);
    const taken = [...ledger.expected()].map(([at, one]) => [at, hexOf(one.stamp)]);
    return { taken, outcome: ledger.outcomes.get('d0-1') };
  };
  const at = (ms: number, of: Uint8Array): readonly unknown[] => [
    ['things 01', hexOf(stampBytes({ ms, counter: 0, replica: of }))],
  ];

  test('counts where one half has withdrawn it, and the other sends it', () => {
    const { taken, outcome } = left([replica, 1], [other, 2, 'd0-1']);
    expect(taken).toEqual(at(2, other));
    expect(outcome).toBe('applied');
  });

  test('leaves nothing where it comes empty, whatever the other half has sent', () => {
    const sent = [[replica, 1, 'd0-1'] as const, [replica, 2, 'd0-2'] as const];
    expect(left(...sent, [other, 3]).taken).toEqual(at(2, replica));
  });

  const answers = (isCloned: boolean): readonly string[] => {
    const ledger = new SyncLedger();
    ledger.isCloned = isCloned;
    for (const [of, Kind] of [
      [replica, 'applied'],
      [other, 'refused'],
    ] as const) {
      const stamp = { ms: 1, counter: 0, replica: of };
      const entry = encodeEntry({ seq: 1, id: new Uint8Array(16), stamp, mutations: [] });
      ledger.consumed({ Entry: entry }, { Kind, Code: '', Ms: 1, Counter: 0 }, first);
    }
    return ledger.violations;
  };

  test('is judged anew where a profile was copied', () => {
    expect(answers(true)).toEqual([]);
  });

  test('is answered as before where none was', () => {
    expect(answers(false)).toMatchObject([expect.stringMatching(/applied, then refused/)]);
  });
});

describe('an entry over which a hub died', () => {
  const image = encodeItem(new Map([['w', { type: 'S', value: 'd0-1' } as const]]));
  const base = { kind: 'none' } as const;
  const stamp = { ms: 5, counter: 0, replica };
  const sent = (isEmpty: boolean): object => {
    const mutations = [
      { table: 'things', key, base, isDeleted: false, image },
      { table: 'things', key: Uint8Array.of(2), base, isDeleted: true },
    ];
    const id = new Uint8Array(16).fill(1);
    return { Entry: encodeEntry({ seq: 1, id, stamp, mutations: isEmpty ? [] : mutations }) };
  };
  const answer = (Kind: string): object => ({ Kind, Code: '', Ms: 5, Counter: 0 });
  const shown = { key: 'things 01', stamp, image: hexOf(image) };

  test('counts, whole, where the hub has what is in it, though it came empty since', () => {
    const ledger = new SyncLedger();
    ledger.asked(sent(false), first);
    ledger.asked(sent(true), second);
    ledger.consumed(sent(true), answer('superseded'), second);
    expect([...ledger.expected().keys()]).toEqual([]);
    ledger.shown(shown);
    expect([...ledger.expected().keys()]).toEqual(['things 01', 'things 02']);
    expect(ledger.violations).toEqual([]);
  });

  test('counts where a late copy of it comes after the empty one', () => {
    const ledger = new SyncLedger();
    ledger.asked(sent(false), first);
    for (const isEmpty of [true, false]) {
      ledger.asked(sent(isEmpty), second);
      ledger.consumed(sent(isEmpty), answer('applied'), second);
    }
    expect([...ledger.expected().keys()]).toEqual([]);
    ledger.shown(shown);
    expect([...ledger.expected().keys()]).toEqual(['things 01', 'things 02']);
    expect(ledger.violations).toEqual([]);
  });

  test('counts for nothing where a late copy is refused as the empty one was', () => {
    const ledger = new SyncLedger();
    ledger.asked(sent(false), first);
    for (const isEmpty of [true, false]) {
      ledger.asked(sent(isEmpty), first);
      ledger.consumed(sent(isEmpty), answer('refused'), first);
    }
    ledger.shown(shown);
    expect([...ledger.expected().keys()]).toEqual([]);
  });

  test.each([
    ['counts by the stamp that the empty one was answered with', 7, ['things 01']],
    ['counts for nothing where the hub has another', 8, []],
  ])('that is a request %s', (_, ms, found) => {
    const change = { table: 'things', key, base, isDeleted: false, image };
    const request = { operation: 'UpdateItem', form: 'json', input: new Uint8Array(1) } as const;
    const id = new Uint8Array(16).fill(1);
    const asked = { seq: 1, id, stamp, mutations: [change], confirm: 'request', request } as const;
    const ledger = new SyncLedger();
    ledger.asked({ Entry: encodeEntry(asked) }, first);
    ledger.consumed(sent(true), { Kind: 'applied', Code: '', Ms: 7, Counter: 0 }, second);
    // Not what was guessed.
    const made = encodeItem(new Map([['n', { type: 'N', value: '1' } as const]]));
    ledger.shown({ key: 'things 01', stamp: { ...stamp, ms }, image: hexOf(made) });
    expect([...ledger.expected().keys()]).toEqual(found);
  });

  test('counts by the stamp of what it has deleted', () => {
    const ledger = new SyncLedger();
    ledger.asked(sent(false), first);
    ledger.shown({ key: 'things 02', stamp: { ...stamp, ms: 6 }, image: undefined });
    expect([...ledger.expected().keys()]).toEqual([]);
    ledger.shown({ key: 'things 02', stamp, image: undefined });
    expect([...ledger.expected().keys()]).toEqual(['things 01', 'things 02']);
  });

  test('counts for nothing where the hub has none of it, or another image', () => {
    const ledger = new SyncLedger();
    ledger.asked(sent(false), first);
    ledger.consumed(sent(true), answer('applied'), second);
    ledger.shown({ ...shown, image: 'ff' });
    ledger.shown({ ...shown, key: 'things 03' });
    expect([...ledger.expected().keys()]).toEqual([]);
  });

  test('counts for nothing where that hub has refused it', () => {
    const ledger = new SyncLedger();
    ledger.asked(sent(false), first);
    ledger.consumed(sent(true), answer('refused'), first);
    ledger.shown(shown);
    expect([...ledger.expected().keys()]).toEqual([]);
  });
});

describe('a request that is answered without its item', () => {
  const stock = hashPrefix([{ type: 'S', value: 'stock' }]);
  const at = `things ${hexOf(stock)}`;
  const base: Base = { kind: 'stamp', stamp: { ms: 1, counter: 0, replica } };
  const change = { table: 'things', key: stock, base, isDeleted: false };
  const stamp = { ms: 5, counter: 0, replica };
  const sold = (): SyncLedger => {
    const ledger = new SyncLedger();
    ledger.ancestry = new Ancestry();
    const news = { violate: () => undefined, fire: () => undefined };
    ledger.sales = new Sales(prng(1), { ...news, hasOrders: false });
    const { input } = ledger.sales.sale('d0', 'd0-2', prng(1));
    const request = { operation: 'UpdateItem', form: 'wire', input: encodeInput(input) } as const;
    const id = new Uint8Array(16).fill(2);
    const entry = { seq: 2, id, stamp: { ...stamp, ms: 2 }, confirm: 'request', request } as const;
    const Entry = encodeEntry({ ...entry, mutations: [change] });
    ledger.asked({ Entry }, first);
    ledger.asked({ Entry }, second);
    ledger.consumed({ Entry }, { Kind: 'applied', Code: '', Ms: 5, Counter: 0 }, second);
    return ledger;
  };

  test('has written what it says', () => {
    const { ancestry } = sold();
    expect([...(ancestry?.explained([nameOf(at, stamp)]) ?? [])]).toEqual(['d0-2']);
  });

  test('is what the hub has under the stamp of the answer', () => {
    const ledger = sold();
    const image = hexOf(encodeItem(new Map([['n', { type: 'N', value: '1' } as const]])));
    ledger.shown({ key: at, stamp: { ...stamp, ms: 4 }, image });
    expect([...ledger.expected().values()]).toEqual([]);
    ledger.shown({ key: at, stamp, image });
    expect([...ledger.expected().values()]).toEqual([{ stamp: stampBytes(stamp), image }]);
  });
});

test('a request comes of what the hub held, though what lost to it is told of before', () => {
  const ledger = new SyncLedger();
  ledger.ancestry = new Ancestry();
  const news = { violate: () => undefined, fire: () => undefined };
  ledger.sales = new Sales(prng(1), { ...news, hasOrders: false });
  const { input } = ledger.sales.sale('d2', 'd2-1', prng(1));
  const request = { operation: 'UpdateItem', form: 'wire', input: encodeInput(input) } as const;
  const stock = hashPrefix([{ type: 'S', value: 'stock' }]);
  const tell = (by: number, ms: number, w: string, Kind: string): void => {
    const image = encodeItem(new Map([['w', { type: 'S', value: w } as const]]));
    const mutation = { table: 'things', key: stock, base: none, isDeleted: false, image };
    const stamp = { ms, counter: 0, replica: new Uint8Array(16).fill(by) };
    const sent = { seq: 1, id: new Uint8Array(16).fill(by), stamp, mutations: [mutation] };
    const entry = w === 'd2-1' ? { ...sent, confirm: 'request' as const, request } : sent;
    ledger.consumed({ Entry: encodeEntry(entry) }, { Kind, Code: '', Ms: ms, Counter: 0 }, first);
  };
  tell(7, 1, 'd0-1', 'applied');
  tell(8, 3, 'd1-1', 'superseded');
  tell(9, 5, 'd2-1', 'applied');
  const stamp = { ms: 5, counter: 0, replica: new Uint8Array(16).fill(9) };
  expect(ledger.ancestry.explained([nameOf(`things ${hexOf(stock)}`, stamp)])).toContain('d0-1');
});

describe('half of a transaction that a device shows', () => {
  const spots = ['x0', 'y0'].map((_, at) => Uint8Array.of(at));
  const imageOf = (w: string): Uint8Array => encodeItem(new Map([['w', { type: 'S', value: w }]]));

  /** `ms`: it was made anew, and is refused under another id of its device at that time. */
  const tell = (
    ledger: SyncLedger,
    seq: number,
    marks: readonly string[],
    ms?: number,
    kindAnew = 'refused',
  ): void => {
    const isAnew = ms !== undefined;
    const by = isAnew ? new Uint8Array(16).fill(8) : replica;
    const mutations = marks.map((w) => {
      const at = w.endsWith('.1') ? 1 : 0;
      const place = { table: 'things', key: spots[at] as Uint8Array, isDeleted: false };
      return { ...place, base: { kind: 'none' } as const, image: imageOf(w) };
    });
    const stamp = { ms: seq, counter: 0, replica: by };
    const id = new Uint8Array(16).fill(isAnew ? 100 + seq : seq);
    const Entry = encodeEntry({ seq, id, stamp, mutations });
    const Kind = isAnew ? kindAnew : 'applied';
    ledger.consumed({ Entry }, { Kind, Code: '', Ms: ms ?? seq, Counter: 0 }, first);
  };

  /** An item of before, then a transaction over it, of which the device shows the other half. */
  const shown = async (again: Partial<Record<'d0-1' | 'd0-2.1', number>>): Promise<unknown> => {
    const ledger = new SyncLedger();
    tell(ledger, 1, ['d0-1']);
    tell(ledger, 2, ['d0-2.0', 'd0-2.1']);
    const changes = Object.entries(again).map(([w, ms]) => {
      const stamp = { ms, counter: 0, replica: new Uint8Array(16) };
      return { table: 'things', key: spots[0] as Uint8Array, stamp, image: imageOf(w) };
    });
    ledger.hubSays(changes);
    return await looked(ledger, 'd0-1', 'd0-2.1');
  };

  const looked = async (ledger: SyncLedger, ...marks: readonly string[]): Promise<unknown> => {
    const Responses = marks.map((w) => ({ Item: new Map([['w', { type: 'S', value: w }]]) }));
    await lookAtPair(0, () => Promise.resolve({ Responses }), ledger, 'd0');
    return ledger.violations;
  };
  const isTorn = [expect.stringMatching(/d0-1 of before beside d0-2\.1/)];

  test('is told of where the other item is older', async () => {
    expect(await shown({})).toEqual(isTorn);
    expect(await shown({ 'd0-1': 1 })).toEqual(isTorn);
  });

  test('is as it should be where a hub that had lost its version has stamped the other anew', async () => {
    expect(await shown({ 'd0-1': 3 })).toEqual([]);
  });

  test('is as it was taken first, though it was taken again under a new id of its device', async () => {
    for (const [seq, said] of [
      [3, []],
      [1, [expect.stringMatching(/d0-3 of before beside d0-2\.1/)]],
    ] as const) {
      const ledger = new SyncLedger();
      tell(ledger, 2, ['d0-2.0', 'd0-2.1']);
      tell(ledger, seq, ['d0-3']);
      tell(ledger, 2, ['d0-2.0', 'd0-2.1'], 9, 'applied');
      expect(await looked(ledger, 'd0-3', 'd0-2.1')).toEqual(said);
    }
  });

  test('is judged by when it was written, whatever it is stamped since', async () => {
    expect(await shown({ 'd0-1': 3, 'd0-2.1': 4 })).toEqual([]);
  });

  test('is as it was written where it was made anew, and that is refused later', async () => {
    for (const [w, said] of [
      ['d0-3', []],
      ['d0-1', isTorn],
    ] as const) {
      const ledger = new SyncLedger();
      tell(ledger, 1, ['d0-1']);
      tell(ledger, 2, ['d0-2.0', 'd0-2.1']);
      tell(ledger, 3, ['d0-3']);
      tell(ledger, 2, ['d0-2.0', 'd0-2.1'], 4);
      expect(await looked(ledger, w, 'd0-2.1')).toEqual(said);
    }
  });
});

describe('an entry that its device has lost, and the hub had taken as it died', () => {
  const imageOf = (w: string): Uint8Array => encodeItem(new Map([['w', { type: 'S', value: w }]]));
  const of = (id: number): string => hexOf(new Uint8Array(16).fill(id));

  /** Number 1 under `id`, with so many items of a transaction of two. */
  const sent = (id: number, items: number, confirm?: 'unknown'): object => {
    const mutations = ['d0-1.0', 'd0-1.1'].slice(0, items).map((w, at) => {
      const place = { table: 'things', key: Uint8Array.of(at), isDeleted: false };
      return { ...place, base: none, image: imageOf(w) };
    });
    const stamp = { ms: 5, counter: 0, replica };
    const entry = { seq: 1, id: new Uint8Array(16).fill(id), stamp, confirm, mutations };
    return { Entry: encodeEntry(entry) };
  };
  const answer = (Kind: string): object => ({ Kind, Code: '', Ms: 5, Counter: 0 });
  /** So many items of it are asked first, unless it was never sent; then what was made anew. */
  const madeAnew = (
    Kind: string,
    items: number,
    asked?: number,
    { isLost = true, by = first, hubLostMarks = false, id = 2 } = {},
  ): SyncLedger => {
    const ledger = new SyncLedger();
    ledger.members.set('d0-1', 2);
    if (asked !== undefined) ledger.asked(sent(1, asked), first);
    const stamp = { ms: 5, counter: 0, replica };
    const gone = [{ seq: 1, id: new Uint8Array(16).fill(1), stamp, mutations: [] }];
    if (isLost) ledger.lost(replica, gone);
    ledger.hubLostMarks = hubLostMarks;
    const anew = sent(id, items, items === 1 ? 'unknown' : undefined);
    ledger.asked(anew, by);
    ledger.consumed(anew, answer(Kind), by);
    return ledger;
  };

  test.each([0, 1, 2])(
    'lost where the log names it as it came first: %i items are left',
    (items) => {
      const ledger = madeAnew('superseded', items, 2);
      expect(ledger.unsaid(new Set([of(1)]))).toEqual([]);
      expect(ledger.unsaid(new Set([of(3)]))).toEqual([of(2)]);
      expect(ledger.violations).toEqual([]);
    },
  );

  test.each([
    ['the hub was never asked for what the log names', undefined, true],
    ['its device has not lost it: it is of another copy', 2, false],
  ] as const)('lost in silence where %s', (_, asked, isLost) => {
    const ledger = madeAnew('superseded', 2, asked, { isLost });
    expect(ledger.unsaid(new Set([of(1)]))).toEqual([of(2)]);
  });

  test.each([1, 2])('was taken whole, though some of it is left under id %i', (id) => {
    expect(madeAnew('applied', 1, 2, { id }).violations).toEqual([]);
  });

  test.each([
    ['was taken whole where the hub has its marks', false, []],
    ['came in part where the hub has lost them', true, ['d0-1.0 came in part']],
  ])('%s after a loss', (_, hubLostMarks, said) => {
    for (const id of [1, 2]) {
      const { violations } = madeAnew('applied', 1, 2, { by: second, hubLostMarks, id });
      expect(violations).toEqual(said);
    }
  });

  test.each([undefined, 1])('came in part where it was never asked for whole (%s)', (asked) => {
    const { violations } = madeAnew('applied', 1, asked);
    expect(violations).toEqual(['d0-1.0 came in part']);
  });
});
