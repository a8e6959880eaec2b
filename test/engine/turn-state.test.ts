import { describe, expect, test } from 'vitest';
import { beginTurn } from '../../src/engine/turn-state.ts';
import { openTestState } from '../support/engine.ts';

const value = new Uint8Array([1]);

describe('a turn', () => {
  test('stands above the head, and goes on with its sequence and clock', async () => {
    const { state } = await openTestState();
    state.head = 12;
    state.sequence = 40;
    const turn = beginTurn(state, undefined);
    expect([turn.position, turn.place.sequence]).toEqual([13, 40]);
    turn.place.sequence = 99;
    expect(state.sequence).toBe(40);
  });

  test('on top of another stands above it and reads through it', async () => {
    const { state } = await openTestState();
    const below = beginTurn(state, undefined);
    below.head = 5;
    below.place.sequence = 3;
    const mutation = { tree: 200, key: value, value, sizeBefore: undefined, sizeAfter: 1 };
    below.layer.apply({ mutations: [mutation] } as never, 1);
    const turn = beginTurn(state, below);
    expect([turn.position, turn.place.sequence]).toEqual([6, 3]);
    expect(turn.reader.get(200, value)).toEqual(value);
    expect(turn.catalog).toBeUndefined();
  });

  test('on top of one that changed a table sees that in its catalog', async () => {
    const { state } = await openTestState();
    const below = beginTurn(state, undefined);
    const mutation = { tree: 1, key: value, value, sizeBefore: undefined, sizeAfter: 1 };
    below.layer.apply({ mutations: [mutation] } as never, 1);
    expect(beginTurn(state, below).catalog).toBeDefined();
  });
});
