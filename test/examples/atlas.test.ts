/** The atlas's own rules: how names fold, where cells are. */
import { describe, expect, test } from 'vitest';
import { cityOf } from '../../examples/atlas/city.ts';
import { foldName, foldPrefix, initialOf } from '../../examples/atlas/fold.ts';
import {
  boundsOf,
  cellAndNeighbours,
  distanceKm,
  geohash,
  wrapLongitude,
} from '../../examples/atlas/geohash.ts';

describe('names fold', () => {
  test.each([
    ['São Paulo', 'sao-paulo'],
    ['SÃO PAULO', 'sao-paulo'],
    ['Ærøskøbing', 'aeroskobing'],
    ['Łódź', 'lodz'],
    ['Þorlákshöfn', 'thorlakshofn'],
    ['Großröhrsdorf', 'grossrohrsdorf'],
    ['İstanbul', 'istanbul'],
    ['Diyarbakır', 'diyarbakir'],
    ['Đắk Lắk', 'dak-lak'],
    ["L'Haÿ-les-Roses", 'lhay-les-roses'],
    ['‘Alāqahdārī Shāh Jōy', 'alaqahdari-shah-joy'],
    ["'s-Hertogenbosch", 's-hertogenbosch'],
    ['Əhmədbəyli', 'ehmedbeyli'],
    ['Старо Нагоричане', 'старо-нагоричане'],
  ])('%s to %s', (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  test('a space at the end of what is typed ends a word', () => {
    expect(foldPrefix('  são ')).toBe('sao-');
    expect(foldName('são ')).toBe('sao');
  });

  test('a name comes before those that go on after it', () => {
    const keys = ['São Paulo', 'São Paulo do Potengi', 'São Paulos'].map((name) => {
      return cityOf([1, name, 'BR', '', 'PPL', 0, 0, 0]).nameKey;
    });
    expect(keys.toSorted()).toEqual(keys);
  });

  test('the initial is a whole letter, and # for a name without any', () => {
    expect(initialOf(foldName('Øksfjord'))).toBe('o');
    expect(initialOf(foldName('---'))).toBe('#');
  });
});

describe('geohashes', () => {
  test.each([
    [57.64911, 10.40744, 'u4pruydqq'],
    [42.605, -5.603, 'ezs42'],
    [0, 0, 's00000000'],
  ])('%f, %f is %s', (lat, lon, hash) => {
    expect(geohash({ lat, lon }, hash.length)).toBe(hash);
  });

  test('the bounds of a hash contain its place', () => {
    const place = { lat: -23.5475, lon: -46.63611 };
    const { south, west, height, width } = boundsOf(geohash(place, 4));
    expect(place.lat - south).toBeLessThan(height);
    expect(place.lon - west).toBeLessThan(width);
    expect([height, width]).toEqual([180 / 1024, 360 / 1024]);
  });

  test('a cell has eight neighbours, five at a pole, and none twice', () => {
    expect(cellAndNeighbours('6gyf')).toHaveLength(9);
    expect(new Set(cellAndNeighbours('6gyf')).size).toBe(9);
    expect(cellAndNeighbours(geohash({ lat: 89.99, lon: 0 }, 4))).toHaveLength(6);
  });

  test('neighbours go on beyond the date line', () => {
    const east = geohash({ lat: 0.01, lon: -179.99 }, 4);
    expect(cellAndNeighbours(geohash({ lat: 0.01, lon: 179.99 }, 4))).toContain(east);
    expect(wrapLongitude(180)).toBe(-180);
    expect(wrapLongitude(-181)).toBe(179);
  });

  test('São Paulo is 360 km from Rio de Janeiro', () => {
    const rio = { lat: -22.90278, lon: -43.2075 };
    expect(distanceKm({ lat: -23.5475, lon: -46.63611 }, rio)).toBeCloseTo(358, -1);
  });
});

test('an item has the keys of table and indexes', () => {
  const row = [3448439, 'São Paulo', 'BR', '27', 'PPLA', 10021295, -23.5475, -46.63611] as const;
  expect(cityOf(row)).toEqual({
    country: 'BR',
    id: 3448439,
    name: 'São Paulo',
    admin: '27',
    population: 10021295,
    initial: 's',
    nameKey: 'sao-paulo#3448439',
    feature: 'PPLA',
    lat: -23.5475,
    lon: -46.63611,
    cell: '6gyf',
    geohash: '6gyf4c29g',
  });
});
