/** @file The common interface of encoders from all file formats: rows of token ids in, vectors or scores out. */
/** B texts of at most T tokens, padded; `[B, T]`, flat. */
export interface TokenRows {
  readonly rows: number;
  readonly length: number;
  readonly ids: BigInt64Array<ArrayBuffer>;
  /** 1 for a token, 0 for padding. */
  readonly mask: BigInt64Array<ArrayBuffer>;
  /** Segment of each token, 0 or 1: the text of a pair that it belongs to. */
  readonly types: BigInt64Array<ArrayBuffer>;
}

/** A model that encodes complete texts in one pass. */
export interface Encoder {
  /** D, values per token or per text. */
  readonly width: number;
  /** Whether the output has values for each token, `[B, T, D]`, or for each text, `[B, D]`. */
  readonly output: "tokens" | "texts";
  /** Maximum tokens of a text, including special tokens; `null` if the files do not say. */
  readonly maxTokens: number | null;
  run(rows: TokenRows): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Purpose of an encoder: a vector per text, or a score per pair of texts. */
export type EncoderPurpose = "vectors" | "scores";
