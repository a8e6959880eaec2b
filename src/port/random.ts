/** The Random port: the only source of chance for the engine. */

export interface Random {
  bytes(length: number): Uint8Array;
}
