/** A city: as a row of the data files, as an item of the table, and as an index shows it. */
import { foldName, initialOf } from './fold.ts';
import { geohash, type Place } from './geohash.ts';

/** Letters of a geohash that name a cell, and those that order the cities in it. */
const cellLetters = 4;
const geohashLetters = 9;

/** What scripts/atlas-data.mjs writes; `admin` and `feature` are codes of GeoNames. */
export type CityRow = readonly [
  id: number,
  name: string,
  country: string,
  admin: string,
  feature: string,
  population: number,
  lat: number,
  lon: number,
];

export interface CityKey {
  readonly country: string;
  readonly id: number;
}

/** What every index carries. */
export interface ListedCity extends CityKey {
  readonly name: string;
  readonly admin: string;
  readonly population: number;
}

export interface City extends ListedCity, Place {
  readonly feature: string;
  readonly initial: string;
  readonly nameKey: string;
  readonly cell: string;
  readonly geohash: string;
}

export function cityOf(row: CityRow): City {
  const [id, name, country, admin, feature, population, lat, lon] = row;
  const hash = geohash({ lat, lon }, geohashLetters);
  const cell = hash.slice(0, cellLetters);
  const listed = { country, id, name, admin, population };
  return { ...listed, ...nameKeysOf(name, id), feature, lat, lon, cell, geohash: hash };
}

/** The keys that follow from a name: they change with it. The id parts cities of one name. */
export function nameKeysOf(name: string, id: number): Pick<City, 'initial' | 'nameKey'> {
  const folded = foldName(name);
  return { initial: initialOf(folded), nameKey: `${folded}#${id}` };
}

const features: Readonly<Record<string, string>> = {
  PPLC: 'Capital of the country',
  PPLCH: 'Former capital',
  PPLA: 'Seat of a first-order division',
  PPLA2: 'Seat of a second-order division',
  PPLA3: 'Seat of a third-order division',
  PPLA4: 'Seat of a fourth-order division',
  PPLA5: 'Seat of a fifth-order division',
  PPLG: 'Seat of government',
  PPLX: 'Part of a populated place',
  PPLL: 'Locality',
  PPLF: 'Farm village',
  PPLS: 'Populated places',
  PPLQ: 'Abandoned place',
  PPLW: 'Destroyed place',
  PPLH: 'Historical place',
  PPLR: 'Religious place',
  STLMT: 'Settlement',
};

export function featureName(code: string): string {
  return features[code] ?? 'Populated place';
}

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
const numbers = new Intl.NumberFormat('en');

export function countryName(code: string): string {
  return countryNames.of(code) ?? code;
}

export function shown(number: number): string {
  return numbers.format(number);
}

/** GeoNames' codes of divisions are letters where people know them, as in the United States. */
export function regionOf({ country, admin }: ListedCity): string {
  return /^[A-Z]{2,3}$/.test(admin) ? `${admin}, ${countryName(country)}` : countryName(country);
}
