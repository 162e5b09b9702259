/** @file Data rows: messages, examples, token rows and splits. */
import type { RowLocation } from "./location.ts";

/** A message of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** 0: an assistant turn that is context and is never trained on; absent: 1. Named as in OpenAI's chat format. */
  readonly weight?: 0;
}

/**
 * A usable row and its location. `messages` ends with the answer, which is the last assistant turn whose weight is not
 * 0. The answer is always trained on, and an evaluation asks for it.
 */
export interface Example extends RowLocation {
  readonly messages: readonly Message[];
  /**
   * Assistant turns after the answer, all of weight 0. They are not part of `messages` because no token with loss
   * follows them; absent: none.
   */
  readonly turnsBehind?: number;
  /** Value of the group column, such as a customer; rows without one belong to no group. */
  readonly group?: string;
  /** Value of the time column, in milliseconds since 1970. */
  readonly time?: number;
}

/** A tokenized row. */
export interface EncodedRow {
  /** Token ids, T of them. */
  readonly ids: Int32Array;
  /** Loss mask of length T: 1 if the token contributes to the loss, else 0; position 0 is always 0. */
  readonly labelled: Uint8Array;
  /** Tokens before the last answer: `ids.subarray(0, promptLength)` is its prompt with the generation header. */
  readonly promptLength: number;
  /** Index of its example. */
  readonly example: number;
}

/** Splits of a data set. */
export interface Splits<Row> {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}
