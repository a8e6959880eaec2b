import { expect, test } from 'vitest';
import { Corruption, UpdateNeeded } from '../../src/base/corruption.ts';

test('damage and a newer format are told apart by class and by name', () => {
  const [damage, newer] = [new Corruption('damaged'), new UpdateNeeded('newer')];
  expect([damage.name, damage.message]).toEqual(['Corruption', 'damaged']);
  expect([newer.name, newer.message]).toEqual(['UpdateNeeded', 'newer']);
  expect(damage).not.toBeInstanceOf(UpdateNeeded);
  expect(newer).not.toBeInstanceOf(Corruption);
});
