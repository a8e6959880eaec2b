/** The Clock port: the only source of time for the engine. */

export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  wallMs(): number;
  /** Milliseconds from some start; never falls. */
  monoMs(): number;
}
