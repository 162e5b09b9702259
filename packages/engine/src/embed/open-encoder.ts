/** @file Opens the encoder of a folder with its tokenizer, from any supported weight format. */
import { createHash } from "node:crypto";
import type { RuntimeOptions } from "../runtime/session.ts";
import { createTokenizer } from "../tokenize/index.ts";
import { openPositionedFile } from "../weights/index.ts";
import { openBertEncoder } from "./bert-encoder.ts";
import type { Encoder, EncoderPurpose } from "./encoder.ts";
import { openOnnxEncoder } from "./onnx-encoder.ts";
import { readSentenceFolder, type SentenceFolder, settingsText } from "./sentence-folder.ts";
import { type RowWriter, rowWriter, type TokenRow } from "./token-rows.ts";

/** An encoder with the writer of its input rows. */
export interface OpenEncoder {
  readonly folder: SentenceFolder;
  readonly encoder: Encoder;
  readonly writer: RowWriter;
  /** SHA-256 of weights, tokenizer and settings, as hex. */
  readonly fingerprint: string;
  /** Maximum tokens of a row. */
  readonly maxTokens: number;
}

/** Maximum tokens of a text if no file states one: BERT's own. */
const usualLength = 512;

/** Tokens per pass, including padding, and rows per pass. */
const [tokensAtOnce, rowsAtOnce] = [4096, 64];

/**
 * Opens an encoder; the caller closes it. Throws the errors of both kinds of encoders and of `readSentenceFolder`.
 */
export async function openEncoder(
  path: string,
  purpose: EncoderPurpose,
  options: RuntimeOptions,
): Promise<OpenEncoder> {
  const folder = await readSentenceFolder(path);
  const { weights, config, maxTokens: wanted } = folder;
  const hidden = config["hidden_size"];
  const encoder =
    weights.kind === "safetensors"
      ? await openBertEncoder(weights.path, config, purpose, options)
      : await openOnnxEncoder(
          weights.path,
          purpose,
          Number.isSafeInteger(hidden) ? (hidden as number) : null,
          options,
        );
  try {
    const isDoubled = /roberta/.test(String(config["model_type"]));
    const inTable = encoder.maxTokens ?? positionsIn(config, isDoubled);
    const maxTokens = Math.min(wanted ?? usualLength, inTable ?? usualLength);
    const writer = rowWriter(createTokenizer(folder.tokenizer), maxTokens, isDoubled);
    return { folder, encoder, writer, maxTokens, fingerprint: await fingerprintOf(folder) };
  } catch (error) {
    await encoder.close();
    throw error;
  }
}

/**
 * Runs an encoder over rows, grouped by similar length to reduce padding.
 *
 * @param take receives each row's index in `rows` and its values: `[T, D]` if the encoder returns values per token,
 *   otherwise `[D]`
 */
export async function encodeRows(
  { encoder, writer }: Pick<OpenEncoder, "encoder" | "writer">,
  rows: readonly TokenRow[],
  take: (at: number, numbers: Float32Array) => void,
  { signal, onTexts }: EncodeOptions = {},
): Promise<void> {
  const lengthOf = (at: number): number => rows[at]?.ids.length ?? 0;
  const order = [...rows.keys()].sort((a, b) => lengthOf(a) - lengthOf(b));
  for (let from = 0; from < order.length; ) {
    signal?.throwIfAborted();
    let until = from + 1;
    while (
      until < order.length &&
      until - from < rowsAtOnce &&
      (until + 1 - from) * lengthOf(order[until] ?? 0) <= tokensAtOnce
    )
      until++;
    const chosen = order.slice(from, until);
    const laid = writer.rows(chosen.map((at) => rows[at] as TokenRow));
    const numbers = await encoder.run(laid);
    const perToken = encoder.output === "tokens";
    for (const [place, at] of chosen.entries()) {
      const start = place * (perToken ? laid.length : 1) * encoder.width;
      take(at, numbers.subarray(start, start + (perToken ? lengthOf(at) : 1) * encoder.width));
    }
    from = until;
    onTexts?.(from);
  }
}

/** Progress callback and cancellation. */
export interface EncodeOptions {
  readonly signal?: AbortSignal;
  /** Receives the number of texts encoded so far. */
  readonly onTexts?: (done: number) => void;
}

function positionsIn(config: SentenceFolder["config"], isRoberta: boolean): number | null {
  const positions = config["max_position_embeddings"];
  if (!Number.isSafeInteger(positions) || (positions as number) < 4) return null;
  return (positions as number) - (isRoberta ? 2 : 0);
}

async function fingerprintOf(folder: SentenceFolder): Promise<string> {
  const hash = createHash("sha256").update(`${settingsText(folder)}\n`);
  const file = await openPositionedFile(folder.weights.path);
  try {
    await file.hashInto(hash);
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
