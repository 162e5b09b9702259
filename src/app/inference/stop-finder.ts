/**
 * @file Ends an answer before the first stop text, also where that comes in pieces.
 */

/** Text up to a stop. */
export interface StopFinder {
  /** What may be shown of everything so far; what could be the beginning of a stop is held back. */
  add(piece: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back, once nothing more comes. */
  end(): string;
}

/** A finder for some stop texts, none of them empty. */
export function createStopFinder(stops: readonly string[]): StopFinder {
  let held = "";
  return {
    add(piece): { text: string; stopped: boolean } {
      held += piece;
      const places = stops.map((stop) => held.indexOf(stop)).filter((place) => place >= 0);
      const until = places.length > 0 ? Math.min(...places) : held.length - beginningLength(held, stops);
      const text = held.slice(0, until);
      held = places.length > 0 ? "" : held.slice(until);
      return { text, stopped: places.length > 0 };
    },
    end: () => held,
  };
}

/** Length of the longest end of a text that a stop begins with. */
function beginningLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
