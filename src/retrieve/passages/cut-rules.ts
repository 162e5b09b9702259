/**
 * @file How long a passage is.
 */

/** Sizes in words. */
export interface CutRules {
  /** Most words of a passage. */
  readonly words: number;
  /** Words that a passage repeats of the one before it, where one piece of text had to be cut. */
  readonly overlap: number;
}

/**
 * Passages of up to 150 words, so that five of them and a question fit into a context of 2,048 tokens; a sixth of
 * that is repeated where text had to be cut.
 *
 * @source Karpukhin et al. 2020 (arXiv 2004.04906), section 4.1, cuts into 100 words; Robertson and Zaragoza 2009, "The
 *   Probabilistic Relevance Framework", for why length is no harm where b is above 0
 */
export const usualCut: CutRules = { words: 150, overlap: 25 };
