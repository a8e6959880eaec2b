/**
 * Reads an answer on the page: puts the items, decoded from the packed bytes, where they belong.
 *
 * It is part of the entry `tidetable`, whose size is bounded, so it knows only the decoder.
 */
import type { ItemDecoder } from '../value/decode.ts';
import { setOwn } from '../value/own.ts';
import type { AnswerMessage, ItemPath, ItemPlace } from './channel.ts';

type Inner = Record<string | number, unknown>;

/** The output or ErrorBody of `answer`; the message's own object, completed in place. */
export function readAnswer(answer: AnswerMessage, decoder: ItemDecoder): object {
  const [, , output] = answer;
  for (let at = 3; at < answer.length; at += 2) {
    const path = answer[at] as ItemPath;
    const place = answer[at + 1] as ItemPlace;
    const items =
      typeof place === 'number' ? decoder.at(place) : place.map((each) => decoder.at(each));
    if (typeof path === 'string') (output as Record<string, unknown>)[path] = items;
    else setDeep(output, path, items);
  }
  return output;
}

function setDeep(output: object, path: readonly (string | number)[], items: unknown): void {
  const parent = path.slice(0, -1).reduce((outer, key) => outer[key] as Inner, output as Inner);
  setOwn(parent, path[path.length - 1] as string, items);
}
