import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { decodePeer, encodePeer, peerKey, readPeer } from '../../src/replica/peer.ts';
import { MapReader } from '../support/map-reader.ts';

test('a record has its bytes, and is read as it was written', () => {
  const peer = { epoch: Uint8Array.of(1, 2), cursor: 300, scope: 'h', tables: ['a', 'bc'] };
  const bytes = encodePeer(peer);
  expect(hexOf(bytes)).toBe('020102ac020168016102' + '6263');
  expect(decodePeer(bytes)).toEqual(peer);
  expect(hexOf(peerKey('http://h'))).toBe('20687474703a2f2f68');
});

test('of a hub that it has not met nothing is known', () => {
  const { peer, bytes } = readPeer(new MapReader(), 5, 'http://h');
  expect([peer.cursor, peer.epoch.length, peer.tables, bytes]).toEqual([0, 0, [], undefined]);
});
