/**
 * Members of the file that says who has access, read with refusals that name their place. A secret
 * is never part of a message.
 */
import { accessEntriesMax } from '../../base/access-limits.ts';

/** The file cannot be taken; the message names the member. */
export class AccessFault extends Error {
  override readonly name = 'AccessFault';
}

/** An object of the file, whose members are asked for by name. */
export class Fields {
  readonly where: string;
  readonly #members: ReadonlyMap<string, unknown>;

  /** Throws AccessFault unless it is an object with no members but those of `known`. */
  constructor(json: unknown, where: string, known: readonly string[] | undefined) {
    this.where = where;
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new AccessFault(`${where} must be an object`);
    }
    this.#members = new Map(Object.entries(json));
    for (const name of known === undefined ? [] : this.#members.keys()) {
      if (known?.includes(name)) continue;
      const names = known?.join(', ');
      throw new AccessFault(`${this.place(name)} is not known; there are ${names}`);
    }
  }

  place(name: string): string {
    return this.where === '' ? name : `${this.where}.${name}`;
  }

  get(name: string): unknown {
    return this.#members.get(name);
  }

  entries(): readonly (readonly [string, unknown])[] {
    return [...this.#members];
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new AccessFault(`${this.place(name)} must be a text`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw new AccessFault(`${this.place(name)} must be a text`);
  }

  /** A number above 0, at most `max`. */
  number(name: string, byDefault: number, max: number): number {
    const value = this.get(name) ?? byDefault;
    if (typeof value === 'number' && value > 0 && value <= max) return value;
    throw new AccessFault(`${this.place(name)} must be a number above 0, at most ${max}`);
  }

  /** One text or a list of them. */
  texts(name: string): readonly string[] {
    const value = this.get(name);
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isRight = list.length > 0 && list.every((one) => typeof one === 'string' && one !== '');
    if (isRight) return list as readonly string[];
    throw new AccessFault(`${this.place(name)} must be a text, or a list of texts`);
  }

  list(name: string): readonly unknown[] {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value)) throw new AccessFault(`${this.place(name)} must be a list`);
    if (value.length <= accessEntriesMax) return value;
    throw new AccessFault(`${this.place(name)} is longer than ${accessEntriesMax}`);
  }
}
