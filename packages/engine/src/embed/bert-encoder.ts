/**
 * @file A BERT-like encoder from safetensors weights in the layout of sentence-transformers; requires neither an ONNX
 *   export nor Python.
 */
import { problem } from "../problem/index.ts";
import { createSession, type RuntimeOptions } from "../runtime/session.ts";
import { type Config, openSafetensors, type WeightFiles } from "../weights/index.ts";
import { bertProgram, resultName } from "./bert-program.ts";
import { type BertShape, readBertShape } from "./bert-shape.ts";
import type { Encoder, EncoderPurpose, TokenRows } from "./encoder.ts";

/** Attention mask value for padding, which then gets weight 0. @source transformers, `torch.finfo(...).min` */
const hiddenBias = -3.4028234663852886e38;

/**
 * Opens a BERT-like encoder.
 *
 * @throws {TunewiseError} `ENCODER_UNSUPPORTED`, `MODEL_CONFIG_INVALID`, `MODEL_WEIGHT_MISSING`,
 *   `MODEL_WEIGHT_MISMATCH`, `ENGINE_RUNTIME_FAILED`, and the errors of reading safetensors
 */
export async function openBertEncoder(
  path: string,
  config: Config,
  purpose: EncoderPurpose,
  options: RuntimeOptions,
): Promise<Encoder> {
  const files = await openSafetensors(path);
  try {
    const shape = readBertShape(config, files, path);
    const kind = purpose === "scores" ? "scores" : "tokens";
    const { program, weights } = bertProgram(shape, kind);
    const held = await readWeights(files, weights);
    const session = await createSession(program, options);
    const width = kind === "scores" ? 1 : shape.hidden;
    return {
      width,
      output: kind === "scores" ? "texts" : "tokens",
      maxTokens: shape.positions - shape.firstPosition,
      run: async (rows) => {
        const result = new Float32Array((kind === "scores" ? rows.rows : rows.rows * rows.length) * width);
        const feeds = { ...feedsOf(rows, shape, kind === "scores"), ...held };
        await session.run({ B: rows.rows, T: rows.length }, feeds, { [resultName]: result });
        return result;
      },
      close: () => session.close(),
    };
  } finally {
    await files.close();
  }
}

/** Reads all weights as float32; every shape is checked before a byte is read. */
async function readWeights(
  files: WeightFiles,
  wanted: ReadonlyMap<string, readonly number[]>,
): Promise<Record<string, Float32Array>> {
  for (const [name, shape] of wanted) {
    const info = files.weights.get(name);
    if (info === undefined) throw problem("MODEL_WEIGHT_MISSING", { name, nearest: "" });
    if (info.shape.join() !== shape.join()) {
      const about = { name, found: info.shape.join(" x "), expected: shape.join(" x ") };
      throw problem("MODEL_WEIGHT_MISMATCH", about);
    }
  }
  const held: Record<string, Float32Array> = {};
  for (const name of wanted.keys()) held[name] = await files.read(name);
  return held;
}

function feedsOf(
  { rows, length, ids, mask, types }: TokenRows,
  shape: BertShape,
  isScored: boolean,
): Record<string, BigInt64Array | Float32Array> {
  const positions = new BigInt64Array(rows * length);
  const bias = new Float32Array(rows * length);
  for (let at = 0; at < positions.length; at++) {
    positions[at] = BigInt(shape.firstPosition + (at % length));
    bias[at] = mask[at] === 1n ? 0 : hiddenBias;
  }
  const firsts = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row * length));
  const inTable = shape.types > 1 ? types : new BigInt64Array(types.length);
  return { ids, types: inTable, positions, bias, ...(isScored ? { firsts } : {}) };
}
