/** OpenTrigger, ClaimTrigger, RemoveTrigger: where a trigger begins, and who holds it. */
import { describe, expect, test } from 'vitest';
import { numbersOf, TriggerWorld } from './world.ts';

describe('OpenTrigger', () => {
  test('fixes the start once: of LATEST, what is there is passed', () => {
    const world = new TriggerWorld();
    world.put('x', 1);
    const open = { Table: 'Simple', StartingPosition: 'LATEST' };
    expect(world.ask('OpenTrigger', open)).toEqual({ Made: true });
    world.put('x', 2);
    expect(world.ask('OpenTrigger', open)).toEqual({ Made: false });
    expect(numbersOf(world.read())).toHaveLength(1);
  });

  test('begins at a time', () => {
    const world = new TriggerWorld();
    world.put('x', 1);
    world.nowMs += 1000;
    world.put('x', 2);
    const at = { Table: 'Simple', StartingPosition: 'AT_TIMESTAMP' };
    world.ask('OpenTrigger', { ...at, TimestampMs: world.nowMs });
    world.ask('OpenTrigger', { ...at, Name: 'later', TimestampMs: world.nowMs + 1 });
    expect(numbersOf(world.read())).toHaveLength(1);
    expect(numbersOf(world.read(world.lanes()[0], { Name: 'later' }))).toHaveLength(1);
    expect(world.ask('PeekTrigger', { Name: 'later', Lanes: 1 })['OldestMs']).toBeUndefined();
  });

  test.each([
    [{ Table: 'None', StartingPosition: 'LATEST' }, 'Table: None not found'],
    [{ Table: 'Simple', StartingPosition: 'LATEST', Name: 'a\0' }, 'no zero characters'],
    [{ Table: 'Simple', StartingPosition: 'LATEST', Patterns: ['{'] }, 'Invalid filter pattern'],
  ])('%j is refused', (input, message) => {
    const world = new TriggerWorld();
    expect(() => world.ask('OpenTrigger', input)).toThrow(message);
  });

  test('goes on with the stream of a table that was deleted', () => {
    const world = new TriggerWorld();
    world.hold();
    world.put('x', 1);
    world.run('DeleteTable', { TableName: 'Simple' });
    const open = { Table: 'Simple', StartingPosition: 'LATEST' };
    expect(world.ask('OpenTrigger', open)).toEqual({ Made: false });
    expect(numbersOf(world.read())).toHaveLength(1);
  });

  test('a table without a stream is refused, and another table under the same name', () => {
    const bare = new TriggerWorld({ StreamEnabled: false });
    const open = { Table: 'Simple', StartingPosition: 'LATEST' };
    expect(() => bare.ask('OpenTrigger', open)).toThrow('has no stream');
    const world = new TriggerWorld();
    world.table('Other', ['k:S']);
    world.hold();
    expect(() => world.ask('OpenTrigger', { ...open, Table: 'Other' })).toThrow(
      'The trigger t follows the table Simple',
    );
  });
});

describe('ClaimTrigger', () => {
  test('goes to who knows the last holder, and to one of two', () => {
    const world = new TriggerWorld();
    world.hold();
    const claim = (Owner: string, Expect: string): unknown =>
      world.ask('ClaimTrigger', { Owner, Expect, Locked: false })['Claimed'];
    expect(claim('two', '')).toBe(false);
    expect(claim('two', 'me')).toBe(true);
    expect(claim('three', 'me')).toBe(false);
    expect(world.ask('PeekTrigger', { Lanes: 1 })).toMatchObject({ Owner: 'two', Locked: false });
  });

  test('of a trigger that is not there is refused', () => {
    const world = new TriggerWorld();
    const input = { Owner: 'a', Expect: '', Locked: false };
    expect(() => world.ask('ClaimTrigger', input)).toThrow('There is no trigger t');
  });
});

test('RemoveTrigger leaves nothing, and needs nothing', () => {
  const world = new TriggerWorld();
  world.hold();
  world.put('x', 1);
  const [number] = numbersOf(world.read());
  const failed = { Numbers: [number], Condition: 'c', Error: 'e', Attempts: 1 };
  world.save({ ...world.lanes()[0], After: number, Failed: failed });
  world.ask('RemoveTrigger');
  world.ask('RemoveTrigger');
  expect(world.ask('PeekTrigger', { Lanes: 1 })['Known']).toBe(false);
  world.hold();
  expect(world.ask('PeekTrigger', { Lanes: 1 })['DeadLetters']).toBe(0);
  expect(numbersOf(world.read())).toEqual([number]);
});
