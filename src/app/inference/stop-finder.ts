/** @file Ends an answer before the first stop sequence, also if it arrives in pieces. */

/** Streams text up to a stop sequence. */
export interface StopFinder {
  /** Returns the text that is safe to emit; a possible start of a stop sequence is held back. */
  add(piece: string): { readonly text: string; readonly stopped: boolean };
  /** Returns the text held back, at the end of the stream. */
  end(): string;
}

/** Creates a finder for stop sequences, none of them empty. */
export function createStopFinder(stops: readonly string[]): StopFinder {
  let pending = "";
  return {
    add(piece): { text: string; stopped: boolean } {
      pending += piece;
      const places = stops.map((stop) => pending.indexOf(stop)).filter((place) => place >= 0);
      const until = places.length > 0 ? Math.min(...places) : pending.length - prefixLength(pending, stops);
      const text = pending.slice(0, until);
      pending = places.length > 0 ? "" : pending.slice(until);
      return { text, stopped: places.length > 0 };
    },
    end: () => pending,
  };
}

/** Length of the longest suffix of a text that starts a stop sequence. */
function prefixLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
