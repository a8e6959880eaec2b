/** An issuer of tokens: pairs of keys, and what it signs with them. */
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

export interface Issuer {
  /** The public key, as a JWKS has it. */
  readonly jwk: JWK;
  readonly privateKey: PrivateKey;
  /** A token with these claims over good ones, and this header over a good one. */
  token(claims?: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>;
}

export const issuerName = 'https://id.example';
export const audience = 'tidetable';

export async function openIssuer(kid: string, alg = 'ES256'): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid, alg };
  return {
    jwk,
    privateKey,
    token: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const good = { iss: issuerName, aud: audience, sub: 'ada', iat: now, exp: now + 300 };
      return new SignJWT({ ...good, ...claims })
        .setProtectedHeader({ alg, kid, ...header })
        .sign(privateKey);
    },
  };
}
