/** @file Scores how well passages answer a question, with a cross-encoder. */
import type { RuntimeOptions } from "../runtime/session.ts";
import { type EncodeOptions, encodeRows, openEncoder } from "./open-encoder.ts";

/**
 * A cross-encoder, which encodes question and passage together: slower and more accurate than comparing vectors, so
 * it is applied to few passages.
 */
export interface TextReranker {
  /** SHA-256, as hex, of everything that determines scores. */
  readonly fingerprint: string;
  readonly maxTokens: number;
  /** The model's raw score of each passage, before any sigmoid: higher is better. */
  score(question: string, passages: readonly string[], options?: EncodeOptions): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens a folder with a model that computes one score (`num_labels` 1); files and errors as for `openEmbedder`.
 *
 * @source Nogueira and Cho 2019 (arXiv 1901.04085)
 */
export async function openReranker(folder: string, options: RuntimeOptions): Promise<TextReranker> {
  const open = await openEncoder(folder, "scores", options);
  const { encoder, writer, fingerprint, maxTokens } = open;
  return {
    fingerprint,
    maxTokens,
    score: async (question, passages, encode) => {
      const rows = passages.map((passage) => writer.pair(question.trim(), passage.trim()));
      const scores = new Float32Array(passages.length);
      await encodeRows(open, rows, (at, numbers) => scores.set(numbers, at), encode);
      return scores;
    },
    close: () => encoder.close(),
  };
}
