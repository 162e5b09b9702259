/** @file A held-out row and its paraphrase among the known rows. */

/** The same in other words, the same template with other names and numbers, or an identical answer. */
export type PairKind = "paraphrase" | "twin" | "same-answer";

/** A held-out row and the known row it resembles. */
export interface ParaphrasePair {
  /** Number of the held-out row among all texts. */
  readonly row: number;
  /** Number of the known row among all texts. */
  readonly other: number;
  readonly kind: PairKind;
  /** Similarity, 0 to 1. */
  readonly score: number;
  /** Similarity of their templates, 0 to 1; for an identical answer equal to the score. */
  readonly maskedScore: number;
}
