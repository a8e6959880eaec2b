/**
 * Bearer tokens: JWTs of the issuers that the file names, verified with their public keys.
 *
 * The algorithm is one of a fixed list, so that `none` and a public key taken for a secret have no
 * chance; issuer, audience, time and key id are all asked for. What is wrong with a token is not
 * told to who sent it, but that it is over.
 */
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { DynamoError } from '../../base/errors.ts';
import { tokenLengthMax, tokenSkewMs } from '../../base/access-limits.ts';
import type { Clock } from '../../port/clock.ts';
import { type Claims, claimsOf, onlyClaim } from './claims.ts';
import type { IssuerConfig } from './config.ts';
import { KeySet, KeysUnavailable } from './key-set.ts';

export interface VerifiedToken {
  readonly issuer: IssuerConfig;
  /** The claim that names the principal. */
  readonly subject: string;
  readonly tenant: string | undefined;
  readonly claims: Claims;
}

interface Issuer {
  readonly config: IssuerConfig;
  readonly keys: KeySet;
}

export class Tokens {
  readonly #clock: Clock;
  readonly #issuers: ReadonlyMap<string, Issuer>;

  constructor(issuers: ReadonlyMap<string, IssuerConfig>, clock: Clock) {
    this.#clock = clock;
    this.#issuers = new Map(
      [...issuers].map(([name, config]) => {
        return [name, { config, keys: new KeySet(config.source, () => clock.monoMs()) }];
      }),
    );
  }

  /** Reads the keys that are in files. Rejects with an Error that names the issuer. */
  async load(): Promise<void> {
    for (const { config, keys } of this.#issuers.values()) {
      if (!('file' in config.source)) continue;
      try {
        await keys.load();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`the keys of issuer ${config.issuer} cannot be read: ${why}`);
      }
    }
  }

  /** Rejects with the DynamoError that refuses it. */
  async verify(token: string): Promise<VerifiedToken> {
    try {
      return await this.#verified(token);
    } catch (error) {
      if (error instanceof KeysUnavailable) {
        throw new DynamoError('ServiceUnavailable', 'The keys of the token cannot be read now');
      }
      if (error instanceof errors.JWTExpired) {
        throw new DynamoError(
          'ExpiredTokenException',
          'The security token included in the request is expired',
        );
      }
      throw unrecognized();
    }
  }

  async #verified(token: string): Promise<VerifiedToken> {
    if (token.length > tokenLengthMax) throw unrecognized();
    const issuer = this.#issuers.get(decodeJwt(token).iss ?? '');
    if (issuer === undefined) throw unrecognized();
    const { config, keys } = issuer;
    const nowMs = this.#clock.wallMs();
    const { payload } = await jwtVerify(token, keys.find, {
      issuer: config.issuer,
      audience: [...config.audiences],
      algorithms: [...config.algorithms],
      clockTolerance: tokenSkewMs / 1000,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp'],
    });
    checkLife(payload, nowMs, config.lifeMs);
    const claims = claimsOf(payload);
    const subject = claims && onlyClaim(claims, config.principalClaim);
    // A name of other characters could be taken for another one in a log.
    if (claims === undefined || subject === undefined || !/^[!-~]{1,256}$/.test(subject)) {
      throw unrecognized();
    }
    const tenant = config.tenantClaim && onlyClaim(claims, config.tenantClaim);
    if (config.tenantClaim !== undefined && tenant === undefined) throw unrecognized();
    return { issuer: config, subject, tenant, claims };
  }
}

/** A token that is good for long cannot be taken back: its time is bounded from its issue. */
function checkLife({ iat, exp = 0 }: JWTPayload, nowMs: number, lifeMs: number): void {
  const issuedMs = iat === undefined ? nowMs : iat * 1000;
  if (issuedMs > nowMs + tokenSkewMs) throw unrecognized();
  if (exp * 1000 - issuedMs > lifeMs) throw unrecognized();
}

export function unrecognized(): DynamoError {
  return new DynamoError(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  );
}
