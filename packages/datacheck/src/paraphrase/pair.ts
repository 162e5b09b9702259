/** @file A held-out row and the known row that it repeats in other words. */

/** The same in other words, the same template with other names and numbers, or an identical answer. */
type PairKind = "paraphrase" | "twin" | "same-answer";

/** A held-out row and the known row it resembles. */
export interface ParaphrasePair {
  /** Number of the held-out row among all texts. */
  readonly row: number;
  /** Number of the known row among all texts. */
  readonly other: number;
  readonly kind: PairKind;
  /** What decides: the standing of a paraphrase, to be read with the threshold; otherwise a similarity, 0 to 1. */
  readonly score: number;
  /** Similarity of their templates, 0 to 1; for an identical answer equal to the score. */
  readonly maskedScore: number;
}
