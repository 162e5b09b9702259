/**
 * Exports of every golden model reproduce the logits of the base with the adapter, without Python or other programs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModel, planExport } from "@tunewise/engine";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planOnnx } from "../../packages/engine/src/export/onnx/plan-onnx.ts";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { type GoldenTuned, goldenTuned, writePlan } from "../support/golden-tuned.ts";
import { type GoldenRow, goldenModels, isUnfitForGguf, readJson, relativeError } from "./golden-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-exports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

const offline = { cacheFolder: folder, fetch: null, endpoint: "", token: null, execute: null };
const single = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;

/** Runs an exported graph on left-padded rows with past keys and values, as transformers.js does. */
async function runOnnx(
  session: InferenceSession,
  rows: readonly (readonly number[])[],
  past: Readonly<Record<string, Tensor>> = {},
  pastLength = 0,
): Promise<Readonly<Record<string, Tensor>>> {
  const length = Math.max(...rows.map((row) => row.length));
  const ids = rows.flatMap((row) => [...new Array<number>(length - row.length).fill(0), ...row]);
  const mask = rows.flatMap((row) =>
    Array.from({ length: pastLength + length }, (_, at) => (at < length - row.length ? 0 : 1)),
  );
  const positions = rows.flatMap((row) =>
    Array.from({ length }, (_, at) => Math.max(0, pastLength + at - (length - row.length))),
  );
  const int64 = (values: number[], width: number): Tensor =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [rows.length, width]);
  const feeds: Record<string, Tensor> = {
    input_ids: int64(ids, length),
    attention_mask: int64(mask, pastLength + length),
    position_ids: int64(positions, length),
  };
  for (const input of session.inputMetadata) {
    if (!input.name.startsWith("past_key_values") || !input.isTensor) continue;
    const [, heads, , width] = input.shape as number[];
    const empty = new Tensor("float32", new Float32Array(0), [rows.length, heads ?? 0, 0, width ?? 0]);
    feeds[input.name] = past[input.name.replace("past_key_values", "present")] ?? empty;
  }
  return session.run(feeds);
}

/** The last `count` tokens of a row of logits. */
function lastLogits({ logits }: Readonly<Record<string, Tensor>>, row: number, count: number): Float32Array {
  if (!logits) throw new Error("the graph gave no logits");
  const [, length = 0, width = 0] = logits.dims;
  const end = (row + 1) * length * width;
  return (logits.data as Float32Array).slice(end - count * width, end);
}

describe.each(goldenModels)("%s", (name) => {
  let one: GoldenTuned;
  let rows: number[][];
  let expected: Float32Array[];
  beforeAll(async () => {
    one = await goldenTuned(name);
    const all = readJson<{ rows: GoldenRow[] }>(`${name}/golden.json`).rows.map(({ ids }) => ids);
    rows = all.filter((ids) => ids.length <= one.model.contextLength);
    expected = await Promise.all(rows.map((ids) => one.logits(ids)));
  });
  afterAll(() => one.close());

  // The reader accepts only the rescaled RoPE frequencies of published models; llama.cpp takes these as they are.
  const reopened =
    name === "llama3-rope" || isUnfitForGguf(name) ? (["merged"] as const) : (["merged", "gguf"] as const);
  if (isUnfitForGguf(name)) {
    test.each(["gguf", "gguf-adapter"] as const)("%s is refused, with a format that works", (format) => {
      const found = (): unknown => planExport(one.tuned, { format, name, dtype: "f32" });
      const fix = expect.stringContaining("--format merged");
      expect(found).toThrow(expect.objectContaining({ code: "EXPORT_UNSUPPORTED", fix }));
    });
  }
  if (/^gpt|longrope/.test(name)) {
    test("mlx is refused, and onnx says up to which length it holds", () => {
      const refused = expect.objectContaining({
        code: "EXPORT_UNSUPPORTED",
        fix: expect.stringContaining("--format peft"),
      });
      expect(() => planExport(one.tuned, { format: "mlx", name })).toThrow(refused);
      expect(planOnnx(one.tuned).notes.join()).toContain(name.startsWith("gpt") ? "" : "up to 64 tokens");
    });
  }

  test.each(reopened)("%s, opened again", async (format) => {
    const place = join(folder, name, format);
    await writePlan(place, planExport(one.tuned, { format, name, dtype: "f32" }));
    const files = await resolveModel(place, "main", offline);
    const again = await openModel(files, { threads: 1 });
    for (const [at, ids] of rows.entries()) {
      const within = ids.slice(0, again.contextLength);
      const logits = await again.logits(null, Int32Array.from(within));
      const whole = expected[at]?.slice(0, logits.length) as Float32Array;
      expect(relativeError(logits, whole)).toBeLessThan(2e-5);
    }
    await again.close();
    await files.weights.close();
  });

  test.each([
    ["in one file", undefined, 0],
    ["with weights in files beside it", 30_000, 3],
  ])("onnx %s: whole, after a past, padded beside a longer row", async (words, most, least) => {
    const place = join(folder, name, `onnx-${words}`);
    const plan = planOnnx(one.tuned, "f32", most);
    expect(plan.files.filter(({ path }) => path.includes("onnx_data")).length).toBeGreaterThanOrEqual(least);
    await writePlan(place, plan);
    const session = await InferenceSession.create(join(place, "onnx/model.onnx"), single);
    for (const [at, ids] of rows.entries()) {
      const wanted = expected[at] as Float32Array;
      const width = wanted.length / ids.length;
      expect(relativeError(lastLogits(await runOnnx(session, [ids]), 0, ids.length), wanted)).toBeLessThan(
        1e-5,
      );
      const first = await runOnnx(session, [ids.slice(0, 4)]);
      const rest = await runOnnx(session, [ids.slice(4)], first, 4);
      expect(relativeError(lastLogits(rest, 0, ids.length - 4), wanted.slice(4 * width))).toBeLessThan(1e-5);
      const padded = await runOnnx(session, [ids, [...ids, ...ids]]);
      expect(relativeError(lastLogits(padded, 0, ids.length), wanted)).toBeLessThan(1e-5);
    }
    await session.release();
  });

  test("onnx with weights in f16", async () => {
    const place = join(folder, name, "onnx-f16");
    await writePlan(place, planOnnx(one.tuned, "f16"));
    const session = await InferenceSession.create(join(place, "onnx/model_fp16.onnx"), single);
    const [ids = [], wanted = new Float32Array()] = [rows[0], expected[0]];
    const logits = lastLogits(await runOnnx(session, [ids]), 0, ids.length);
    expect(relativeError(logits, wanted)).toBeLessThan(1e-2);
    await session.release();
  });
});
