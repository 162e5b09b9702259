/**
 * @file What reads tokens of texts, whatever file it comes from: rows of token ids in, numbers out.
 */
/** B texts of at most T tokens, padded; `[B, T]`, flat. */
export interface TokenRows {
  readonly rows: number;
  readonly length: number;
  readonly ids: BigInt64Array<ArrayBuffer>;
  /** 1 for a token, 0 for padding. */
  readonly mask: BigInt64Array<ArrayBuffer>;
  /** Which of two texts a token belongs to: 0 or 1. */
  readonly types: BigInt64Array<ArrayBuffer>;
}

/** A model that reads whole texts at once. */
export interface Encoder {
  /** D: numbers of a token or of a text. */
  readonly width: number;
  /** Numbers come for each token, `[B, T, D]`, or for each text, `[B, D]`. */
  readonly gives: "tokens" | "texts";
  /** Most tokens of a text, special ones included; `null` where the files do not say. */
  readonly tokensMost: number | null;
  run(rows: TokenRows): Promise<Float32Array>;
  close(): Promise<void>;
}

/** What an encoder is opened for: vectors of texts, or one number for a text beside another. */
export type EncoderPurpose = "vectors" | "scores";
