/**
 * @file A passage: the piece of a document that is indexed, found and cited as one.
 */

/** Where something stands in its document; numbers count from 1. */
export interface SourcePlace {
  readonly unit: "page" | "row" | "line";
  readonly number: number;
}

/** A piece of a document. */
export interface Passage {
  /** The document's name. */
  readonly document: string;
  /** The headings above it, outermost first, joined by " > "; empty where there are none. */
  readonly title: string;
  /** Where it begins; `null` where that is not known. */
  readonly place: SourcePlace | null;
  readonly text: string;
}
