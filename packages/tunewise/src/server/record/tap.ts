/** @file Copies what passes in one direction of a call, up to a maximum size. */

/** What passed so far. */
export interface Tap {
  /** Takes a piece. Never throws. */
  add(piece: Uint8Array): void;
  /** All bytes; `null` if there were more than the maximum. */
  bytes(): Buffer | null;
}

/** Opens a tap. */
export function openTap(maxBytes: number): Tap {
  let pieces: Uint8Array[] | null = [];
  let length = 0;
  return {
    add: (piece) => {
      length += piece.length;
      if (length > maxBytes) pieces = null;
      else pieces?.push(piece);
    },
    bytes: () => (pieces === null ? null : Buffer.concat(pieces, length)),
  };
}
