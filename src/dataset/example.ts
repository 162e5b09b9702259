/**
 * @file A row of data on its way from a file to tokens.
 */
import type { RowLocation } from "./row-location.ts";

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
}

/** One usable row, where it stands included. `messages` ends with the assistant's answer, which is the completion. */
export interface Example extends RowLocation {
  readonly messages: readonly Message[];
  /** What it belongs to, such as a customer, where a column says so; rows without a value stand alone. */
  readonly group?: string;
  /** When it was written, in milliseconds since 1970, where a column says so. */
  readonly time?: number;
}

/** A row as the model sees it. */
export interface EncodedRow {
  /** Token ids, T of them. */
  readonly ids: Int32Array;
  /**
   * 1 where the token is to be predicted (carries loss), 0 elsewhere; same length as `ids`; position 0 is
   * never 1.
   */
  readonly labelled: Uint8Array;
  /** Tokens before the answer: `ids.subarray(0, promptLength)` is the prompt with its generation header. */
  readonly promptLength: number;
  /** Index of the example it came from. */
  readonly example: number;
}

/** The three parts of a data set. */
export interface Splits<Row> {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}
