/** @file An encoder from an ONNX file, as exported by `optimum` and sentence-transformers. */

import type { Program } from "../onnx/program.ts";
import { type ForeignModel, type ForeignPort, readForeignModel, UnfitModel } from "../onnx/read-model.ts";
import { elementTypes } from "../onnx/writer.ts";
import { problem } from "../problem/index.ts";
import { createSession, type Feeds, type RuntimeOptions } from "../runtime/session.ts";
import { readWholeFile } from "../weights/index.ts";
import type { Encoder, EncoderPurpose, TokenRows } from "./encoder.ts";

/** Maximum file size: protobuf's own limit of a message. */
const maxBytes = 2 ** 31 - 1;

/** Maximum width of a vector. */
const maxWidth = 65_536;

/**
 * Opens an ONNX file with inputs such as `input_ids`.
 *
 * @param width hidden size from `config.json`, for files that leave it symbolic; `null` if unknown
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_DAMAGED`, `MODEL_FILE_LIMIT`, `ENCODER_UNSUPPORTED`,
 *   `ENGINE_RUNTIME_FAILED`
 */
export async function openOnnxEncoder(
  path: string,
  purpose: EncoderPurpose,
  width: number | null,
  options: RuntimeOptions,
): Promise<Encoder> {
  const bytes = await readWholeFile(path, maxBytes);
  const { model, output, own } = understood(path, () => {
    const ports = readForeignModel(bytes);
    for (const port of ports.inputs) requireKnown(port);
    const chosen = purpose === "scores" ? scoreOf(ports) : vectorsOf(ports);
    return { model: ports, output: chosen, own: chosen.shape.at(-1) ?? null };
  });
  const found = own ?? (purpose === "scores" ? 1 : width);
  if (found === null || found > maxWidth) throw unfit(path, `leaves open how wide ${output.name} is`);
  if (purpose === "scores" && found !== 1) {
    throw unfit(path, `gives ${found} scores of a text, where one is wanted: it sorts into classes`);
  }
  const kind = output.shape.length === 3 ? "tokens" : "texts";
  const program: Program = {
    bytes,
    inputs: model.inputs.map(({ name }) => ({ name, shape: ["B", "T"], type: "int64" })),
    outputs: [
      { name: output.name, shape: kind === "tokens" ? ["B", "T", found] : ["B", found], type: "float32" },
    ],
    sizes: [],
  };
  const session = await createSession(program, { ...options, containsWeights: true });
  return {
    width: found,
    output: kind,
    maxTokens: null,
    run: async (rows) => {
      const result = new Float32Array((kind === "tokens" ? rows.rows * rows.length : rows.rows) * found);
      const feeds = Object.fromEntries(model.inputs.map(({ name }) => [name, feedOf(name, rows)]));
      await session.run({ B: rows.rows, T: rows.length }, feeds as Feeds, { [output.name]: result });
      return result;
    },
    close: () => session.close(),
  };
}

/** Supported inputs; some exports have `position_ids`, which count from 0. */
const known = ["input_ids", "attention_mask", "token_type_ids", "position_ids"] as const;

function requireKnown({ name, type, shape }: ForeignPort): void {
  if (!known.some((one) => one === name))
    throw new UnfitModel(`requires the input ${name}, which is not supported`);
  if (type !== elementTypes.int64) throw new UnfitModel(`takes ${name} in a type other than int64`);
  if (shape.length !== 2) throw new UnfitModel(`takes ${name} with ${shape.length} axes, not with 2`);
  const fixed = shape.find((size) => size !== null && size !== 1);
  if (fixed !== undefined || shape.every((size) => size === 1))
    throw new UnfitModel(`takes ${name} as [${shape.map((size) => size ?? "?").join(", ")}] only`);
}

/** The output with pooled vectors if the model has one, otherwise the states of the tokens. */
function vectorsOf({ outputs }: ForeignModel): ForeignPort {
  const usable = outputs.filter(({ type, shape }) => type === elementTypes.float32 && shape.length >= 2);
  const named = ["sentence_embedding", "last_hidden_state", "token_embeddings"];
  const chosen =
    named.map((name) => usable.find((one) => one.name === name)).find((one) => one !== undefined) ??
    usable.find(({ shape }) => shape.length === 3) ??
    usable[0];
  if (chosen === undefined || chosen.shape.length > 3)
    throw new UnfitModel(
      "gives no vectors of float32 numbers; a quantized file gives them, one in float16 does not",
    );
  return chosen;
}

function scoreOf({ outputs }: ForeignModel): ForeignPort {
  const fits = ({ type, shape }: ForeignPort): boolean => type === elementTypes.float32 && shape.length === 2;
  const chosen = outputs.find((one) => one.name === "logits" && fits(one)) ?? outputs.find(fits);
  if (chosen === undefined) throw new UnfitModel("outputs no score: it is not a cross-encoder");
  return chosen;
}

function feedOf(name: string, { rows, length, ids, mask, types }: TokenRows): BigInt64Array {
  if (name === "input_ids") return ids;
  if (name === "attention_mask") return mask;
  if (name === "token_type_ids") return types;
  return BigInt64Array.from({ length: rows * length }, (_, at) => BigInt(at % length));
}

function understood<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnfitModel) throw unfit(path, error.message);
    throw error;
  }
}

function unfit(path: string, reason: string): Error {
  return problem("ENCODER_UNSUPPORTED", { place: path, reason });
}
