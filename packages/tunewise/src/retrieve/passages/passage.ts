/** @file A passage: the unit of a document that is indexed, retrieved and cited. */

/** A location in a document; numbers count from 1. */
export interface SourceLocation {
  readonly unit: "page" | "row" | "line";
  readonly number: number;
}

/** A piece of a document. */
export interface Passage {
  /** The document's name. */
  readonly document: string;
  /** The headings above it, outermost first, joined by " > "; empty if there are none. */
  readonly title: string;
  /** Location of its start; `null` if unknown. */
  readonly place: SourceLocation | null;
  readonly text: string;
}

/** Sizes in words. */
export interface CutRules {
  /** Maximum number of words of a passage. */
  readonly words: number;
  /** Overlap: number of words repeated from the previous passage if a block had to be split. */
  readonly overlap: number;
}

/**
 * Passages of up to 150 words, so that five of them and a question fit into a context of 2,048 tokens; an overlap of
 * one sixth where text had to be split.
 *
 * @source Karpukhin et al. 2020 (arXiv 2004.04906), section 4.1, cuts into 100 words; Robertson and Zaragoza 2009, "The
 *   Probabilistic Relevance Framework", for why length is no harm where b is above 0
 */
export const defaultCut: CutRules = { words: 150, overlap: 25 };
