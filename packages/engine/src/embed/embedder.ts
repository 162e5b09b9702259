/** @file Text embeddings by embedding models. */
import type { RuntimeOptions } from "../runtime/session.ts";
import { type EncodeOptions, encodeRows, openEncoder } from "./open-encoder.ts";
import { normalize, pool } from "./pool.ts";

/** An embedding model: similar texts get similar vectors. */
export interface TextEmbedder {
  /** D, the length of a vector. */
  readonly size: number;
  /** SHA-256, as hex, of everything that determines vectors: weights, tokenizer, settings. */
  readonly fingerprint: string;
  /** Maximum tokens per text; longer texts are truncated. */
  readonly maxTokens: number;
  /** Prefixes that the model expects before questions and passages; empty for none. */
  readonly prompts: { readonly question: string; readonly passage: string };
  /** `[texts, D]`, flat, L2-normalized. */
  embed(texts: readonly string[], options?: EncodeOptions): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens a folder with an embedding model: `model.onnx` (or `onnx/model.onnx`) or `model.safetensors` of a BERT-like
 * model, with `tokenizer.json` and the settings files of sentence-transformers.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_DAMAGED`, `MODEL_FILE_LIMIT`, `MODEL_CONFIG_INVALID`,
 *   `MODEL_WEIGHT_MISSING`, `MODEL_WEIGHT_MISMATCH`, `ENCODER_UNSUPPORTED`, `TOKENIZER_INVALID`,
 *   `ENGINE_RUNTIME_FAILED`
 * @source pooling and truncation as in UKPLab/sentence-transformers 5
 */
export async function openEmbedder(folder: string, options: RuntimeOptions): Promise<TextEmbedder> {
  const open = await openEncoder(folder, "vectors", options);
  const { encoder, writer, fingerprint, maxTokens } = open;
  const { poolings, isLowerCased, prompts } = open.folder;
  const { width } = encoder;
  const parts = encoder.output === "texts" ? 1 : poolings.length;
  const size = width * parts;
  return {
    size,
    fingerprint,
    maxTokens,
    prompts,
    embed: async (texts, encode) => {
      const rows = texts.map((text) => writer.single(isLowerCased ? text.trim().toLowerCase() : text.trim()));
      const vectors = new Float32Array(texts.length * size);
      const take = (at: number, numbers: Float32Array): void => {
        const vector = vectors.subarray(at * size, (at + 1) * size);
        if (encoder.output === "texts") vector.set(numbers);
        else
          for (const [part, pooling] of poolings.entries())
            pool(numbers, pooling, vector.subarray(part * width, (part + 1) * width));
        normalize(vector);
      };
      await encodeRows(open, rows, take, encode);
      return vectors;
    },
    close: () => encoder.close(),
  };
}
