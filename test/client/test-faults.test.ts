import { describe, expect, test } from 'vitest';
import { TestFaults } from '../../src/client/test-faults.ts';

describe('faults on request', () => {
  test('a refusal fits its operation, as often as was asked', () => {
    const faults = new TestFaults();
    faults.refuse('PutItem', 'ThrottlingException', 'slow', 2);
    expect(faults.takeRefusal('GetItem')).toBeUndefined();
    expect(faults.takeRefusal('PutItem')).toMatchObject({ name: 'ThrottlingException' });
    expect(faults.takeRefusal('PutItem')).toMatchObject({ message: 'slow' });
    expect(faults.takeRefusal('PutItem')).toBeUndefined();
  });

  test('a refusal of any operation takes the next', () => {
    const faults = new TestFaults();
    faults.refuse('*', 'InternalServerError');
    expect(faults.takeRefusal('Scan')?.message).toBe('Internal server error');
  });

  test('a failing store fails at its reads or at its writes', () => {
    const faults = new TestFaults();
    faults.failStore('write', 'full');
    faults.failStore('read', 'lost', 2);
    expect(faults.plan('store.scan')).toBe('lost');
    expect(faults.plan('store.write')).toBe('full');
    expect(faults.plan('store.write')).toBeUndefined();
    expect(faults.plan('store.get')).toBe('lost');
    expect(faults.plan('store.get')).toBeUndefined();
  });

  test('clear forgets them all', () => {
    const faults = new TestFaults();
    faults.refuse('*', 'InternalServerError');
    faults.failStore('read', 'lost');
    faults.clear();
    expect([faults.takeRefusal('Scan'), faults.plan('store.get')]).toEqual([undefined, undefined]);
  });
});
