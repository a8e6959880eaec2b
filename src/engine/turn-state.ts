/**
 * One turn: what was decided, on what, and where it will stand in the log.
 */
import type { Commit } from '../log/commit.ts';
import { Layer } from '../log/tail.ts';
import type { Answer } from '../operation/request.ts';
import { type Catalog, createCatalog } from '../table/catalog.ts';
import type { Call } from './call.ts';
import type { Place } from './commit.ts';
import { type EngineState, LayeredReader } from './state.ts';

export interface Decided {
  readonly call: Call;
  readonly answer: Answer;
  readonly wrote: boolean;
  /** Answered only when power loss cannot undo it. */
  readonly strict: boolean;
}

export interface Turn {
  readonly layer: Layer;
  readonly reader: LayeredReader;
  /** Undefined: the published one, which no turn below has changed. */
  catalog: Catalog | undefined;
  readonly commits: Commit[];
  readonly decided: Decided[];
  /** Where its next commit stands. */
  readonly place: Place;
  /** A log position that is its own: above the head, and above the turn it was decided on. */
  readonly position: number;
  /** Log position of its last record, once it is encoded. */
  head: number;
  /** One of its calls is. */
  strict: boolean;
  /** A call met a mistake of ours: the engine starts over after this turn. */
  mistaken: boolean;
}

/** A turn on top of `flight`, which is being appended, or of what is published. */
export function beginTurn(state: EngineState, flight: Turn | undefined): Turn {
  const layer = new Layer();
  const reader = new LayeredReader(state, layer);
  reader.flight = flight?.layer;
  const touched = flight !== undefined && flight.layer.systemVersion > 0;
  return {
    layer,
    reader,
    catalog: touched ? createCatalog(reader) : undefined,
    commits: [],
    decided: [],
    place: {
      sequence: flight?.place.sequence ?? state.sequence,
      clock: flight?.place.clock ?? state.clock,
    },
    position: (flight?.head ?? state.head) + 1,
    head: 0,
    strict: false,
    mistaken: false,
  };
}
