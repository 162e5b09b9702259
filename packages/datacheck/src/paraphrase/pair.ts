/** @file A held-out row and the known row that it paraphrases. */

/** A paraphrase, the same template with other names and numbers, or an identical answer. */
type PairKind = "paraphrase" | "twin" | "same-answer";

/** A held-out row and the known row it resembles. */
export interface ParaphrasePair {
  /** Number of the held-out row among all texts. */
  readonly row: number;
  /** Number of the known row among all texts. */
  readonly other: number;
  readonly kind: PairKind;
  /**
   * The decisive score: for a paraphrase its standing, to compare with the threshold; otherwise a similarity, 0 to 1.
   */
  readonly score: number;
  /** Similarity of the templates, 0 to 1. For an identical answer equal to the score. */
  readonly maskedScore: number;
}
