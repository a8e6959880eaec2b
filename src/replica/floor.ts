/**
 * What the writes of a table ask for at least: on a hub a tag of the table says it, which whoever
 * may tag it sets with any DynamoDB client; its devices are told, and keep it (docs/sync.md).
 */
import type { TableState } from '../table/state.ts';
import type { WriteMode } from './request.ts';

export type Floor = Exclude<WriteMode, 'local'>;

/** Its value is `confirm` or `hub`; any other says nothing. */
export const modeTag = 'tidetable:mode';

const modes: readonly WriteMode[] = ['local', 'confirm', 'hub'];

/** Of a table of a hub. */
export function floorOf({ tags }: Pick<TableState, 'tags'>): Floor | undefined {
  const mode = tags.get(modeTag);
  return mode === 'confirm' || mode === 'hub' ? mode : undefined;
}

/** The one that asks for more. */
export function stricter(a: Floor | undefined, b: Floor | undefined): Floor | undefined {
  return modes.indexOf(a ?? 'local') >= modes.indexOf(b ?? 'local') ? a : b;
}
