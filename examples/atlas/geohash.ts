/**
 * Geohashes: places as text, so that what is near shares a prefix and "near" becomes a few Queries.
 *
 * Bits of longitude and latitude alternate, longitude first, five to a letter. A cell of four
 * letters is 0.35 degrees wide and 0.18 high: 39 by 20 km at the equator.
 */

const letters = '0123456789bcdefghjkmnpqrstuvwxyz';
const earthKm = 6371;

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** The edges of a cell, in degrees. */
export interface Bounds {
  readonly south: number;
  readonly west: number;
  readonly height: number;
  readonly width: number;
}

export function geohash({ lat, lon }: Place, length: number): string {
  let [south, north, west, east] = [-90, 90, -180, 180];
  let hash = '';
  for (let at = 0; at < length; at += 1) {
    let digit = 0;
    for (let bit = 0; bit < 5; bit += 1) {
      const isLongitude = (at * 5 + bit) % 2 === 0;
      const middle = isLongitude ? (west + east) / 2 : (south + north) / 2;
      const isUpper = (isLongitude ? lon : lat) >= middle;
      if (isLongitude) [west, east] = isUpper ? [middle, east] : [west, middle];
      else [south, north] = isUpper ? [middle, north] : [south, middle];
      digit = digit * 2 + Number(isUpper);
    }
    hash += letters[digit];
  }
  return hash;
}

export function boundsOf(hash: string): Bounds {
  let [south, height, west, width] = [-90, 180, -180, 360];
  let isLongitude = true;
  for (const letter of hash) {
    const digit = letters.indexOf(letter);
    for (let bit = 4; bit >= 0; bit -= 1) {
      const isUpper = ((digit >> bit) & 1) === 1;
      if (isLongitude) {
        width /= 2;
        if (isUpper) west += width;
      } else {
        height /= 2;
        if (isUpper) south += height;
      }
      isLongitude = !isLongitude;
    }
  }
  return { south, west, height, width };
}

/** The cell and those around it: nine, or six at a pole, where there is nothing beyond. */
export function cellAndNeighbours(cell: string): readonly string[] {
  const { south, west, height, width } = boundsOf(cell);
  const cells = new Set([cell]);
  for (const up of [1, 0, -1]) {
    const lat = south + height * (up + 0.5);
    if (lat < -90 || lat > 90) continue;
    for (const right of [-1, 0, 1]) {
      const lon = wrapLongitude(west + width * (right + 0.5));
      cells.add(geohash({ lat, lon }, cell.length));
    }
  }
  return [...cells];
}

/** Degrees in [-180, 180): the map has no edge in the Pacific. */
export function wrapLongitude(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

/** Kilometres along a great circle. */
export function distanceKm(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const halfLat = Math.sin(radians(b.lat - a.lat) / 2);
  const halfLon = Math.sin(radians(b.lon - a.lon) / 2);
  const chord = halfLat ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * halfLon ** 2;
  return 2 * earthKm * Math.asin(Math.min(1, Math.sqrt(chord)));
}
