/**
 * The content codings of HTTP bodies, by node:zlib.
 *
 * Like the service it takes several gzip members as one body, which web streams refuse. Inflating
 * stops at the bound, for a few bytes can stand for gigabytes of zeros.
 */
import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate } from 'node:zlib';
import type { Codings, Decoded } from '../wire/coding.ts';

const encoders = { gzip: promisify(gzip), deflate: promisify(deflate) };
const decoders = { gzip: gunzip, deflate: inflate };

export const nodeCodings: Codings = {
  decode: (coding, body, bytesMax) =>
    new Promise<Decoded>((resolve) => {
      // To zlib no bytes are a whole body; to HTTP they are none.
      if (body.length === 0) resolve('broken');
      decoders[coding](body, { maxOutputLength: bytesMax }, (error, decoded) => {
        if (error === null) resolve(decoded);
        else resolve('code' in error && error.code === tooLarge ? 'large' : 'broken');
      });
    }),
  encode: (coding, body) => encoders[coding](body),
};

const tooLarge = 'ERR_BUFFER_TOO_LARGE';
