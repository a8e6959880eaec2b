/** What the page shows, in the address: so that reload, back and forward keep it. */
import type { CityKey } from './city.ts';

export interface Route {
  /** What is typed into the search. */
  readonly name: string;
  readonly country: string;
  readonly city: CityKey | undefined;
}

export function readRoute(hash: string): Route {
  const members = new URLSearchParams(hash.replace(/^#/, ''));
  const [, country, id] = /^([A-Z]{2})(\d+)$/.exec(members.get('city') ?? '') ?? [];
  const city = country === undefined ? undefined : { country, id: Number(id) };
  return { name: members.get('name') ?? '', country: members.get('country') ?? '', city };
}

export function hashOf({ name, country, city }: Route): string {
  const members = new URLSearchParams();
  if (name !== '') members.set('name', name);
  if (country !== '') members.set('country', country);
  if (city !== undefined) members.set('city', `${city.country}${city.id}`);
  return `#${members}`;
}
