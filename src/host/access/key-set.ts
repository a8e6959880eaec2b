/**
 * The public keys of an issuer of tokens, from a file or a URL, kept and read anew within bounds.
 *
 * A key id that is not known yet may be that of a rotated key: the set is read again, but not more
 * often than every keySetPauseMs, so that invented ids cost nobody anything. Keys that cannot be
 * read anew are good for keySetStaleMs. Keys for symmetric algorithms are left out: a public key
 * must never be taken for a secret.
 */
import { open } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import {
  keySetAgeMs,
  keySetBytesMax,
  keySetKeysMax,
  keySetPauseMs,
  keySetStaleMs,
  keySetTimeoutMs,
} from '../../base/access-limits.ts';

export type KeySource = { readonly file: string } | { readonly url: string };

/** The keys of an issuer cannot be read; its tokens can be neither taken nor refused. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export class KeySet {
  readonly #read: () => Promise<string>;
  readonly #monoMs: () => number;
  #keys: readonly JWK[] = [];
  #readMs: number = Number.NEGATIVE_INFINITY;
  #triedMs: number = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(source: KeySource, monoMs: () => number) {
    this.#read = 'file' in source ? () => readText(source.file) : () => fetchText(source.url);
    this.#monoMs = monoMs;
  }

  /** What `jwtVerify` asks for the key of a token. Rejects with KeysUnavailable. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const { kid } = header;
    if (typeof kid !== 'string' || kid === '') throw new Error('The token names no key');
    const has = (): boolean => this.#keys.some((key) => key.kid === kid);
    if (this.#age() > keySetAgeMs || !has()) await this.refresh();
    if (this.#age() > keySetStaleMs) throw new KeysUnavailable('No public keys could be read');
    const keys = this.#keys.filter((key) => key.kid === kid);
    return createLocalJWKSet({ keys: [...keys] })(header, token);
  };

  /** Reads the keys, unless that was just tried; what fails leaves them as they were. */
  refresh(): Promise<void> {
    if (this.#reading !== undefined) return this.#reading;
    if (this.#monoMs() - this.#triedMs < keySetPauseMs) return Promise.resolve();
    this.#triedMs = this.#monoMs();
    this.#reading = this.load()
      .catch(() => undefined)
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  /** Reads the keys. Rejects with an Error that says what is wrong with them. */
  async load(): Promise<void> {
    this.#keys = keysIn(await this.#read());
    this.#readMs = this.#monoMs();
  }

  #age(): number {
    return this.#monoMs() - this.#readMs;
  }
}

function keysIn(text: string): readonly JWK[] {
  const json = JSON.parse(text) as Partial<JSONWebKeySet> | null;
  const given: unknown = json?.keys;
  if (!Array.isArray(given)) throw new Error('has no list of keys');
  if (given.length > keySetKeysMax) {
    throw new Error(`has more than ${keySetKeysMax} keys (keySetKeysMax)`);
  }
  return (given as JWK[]).filter((key) => typeof key?.kid === 'string' && key.kty !== 'oct');
}

/** A small file. Rejects when it is longer than `bytesMax`. */
export async function readText(path: string, bytesMax: number = keySetBytesMax): Promise<string> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(bytesMax + 1);
    let length = 0;
    while (length <= bytesMax) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) return buffer.toString('utf8', 0, length);
      length += bytesRead;
    }
    throw new Error(`is longer than ${bytesMax} bytes`);
  } finally {
    await file.close();
  }
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(keySetTimeoutMs),
  });
  if (response.status !== 200) throw new Error(`answered with status ${response.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > keySetBytesMax) throw new Error(`is longer than ${keySetBytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
