/**
 * @file A held-out row and the known row that says the same.
 */

/** The same in other words, the same template with other names and numbers, or an answer that both have. */
export type PairKind = "paraphrase" | "twin" | "same-answer";

/** A held-out row and the known row it is like. */
export interface ParaphrasePair {
  /** Number of the held-out row among all texts. */
  readonly row: number;
  /** Number of the known row among all texts. */
  readonly other: number;
  readonly kind: PairKind;
  /** How alike they are, 0 to 1. */
  readonly score: number;
  /** How alike their templates are, 0 to 1; for the same answer equal to the score. */
  readonly maskedScore: number;
}
