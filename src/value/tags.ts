/**
 * The numbers of the stored item's form that both its decoders share (docs/formats/item.md).
 */

export const itemVersion = 1;
/** Of the flags byte: a stamp follows it. The other seven are their writer's. */
export const stampFlag = 1;
export const stampBytes = 24;

export const nullTag = 0;
export const falseTag = 1;
export const trueTag = 2;
/** Text whose bytes are its characters, so that it can be cut out of a page of them. */
export const asciiTag = 3;
export const utf8Tag = 4;
/** An integer as a zigzag varint: 2n, or -2n - 1 below zero. */
export const integerTag = 5;
/** Any other number as its canonical text. */
export const decimalTag = 6;
export const binaryTag = 7;
export const listTag = 8;
export const mapTag = 9;
export const stringSetTag = 10;
export const numberSetTag = 11;
export const binarySetTag = 12;
