/**
 * @file GGUF files against gguf-py and `transformers`: values of every storage type, tiny models, and the demo model.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dequantize } from "../../packages/engine/src/weights/gguf/dequantize.ts";
import { openGguf } from "../../packages/engine/src/weights/gguf/gguf.ts";
import type { GgufType } from "../../packages/engine/src/weights/model-files.ts";
import { golden, goldenPath, ownBytes } from "./golden-files.ts";

interface Block {
  readonly bytes: string;
  readonly values: string;
}

describe("dequantize equals gguf-py to the bit", () => {
  const blocks = golden<Record<GgufType, Block>>("quantized.json");
  it.each(Object.keys(blocks) as GgufType[])("%s", (stored) => {
    const values = dequantize(stored, ownBytes(blocks[stored].bytes));
    const expected = new Float32Array(ownBytes(blocks[stored].values).buffer);
    expect(values.length).toBe(expected.length);
    expect(Buffer.from(values.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  });
});

interface Tiny {
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly sha256: string }>>;
}

describe("a converted model equals what transformers loads from it", () => {
  it.each(["llama", "qwen2", "qwen3", "gemma2"])("%s", async (architecture) => {
    const expected = golden<Tiny>(`${architecture}.json`);
    const model = await openGguf(goldenPath(`${architecture}.gguf`));
    expect([...model.weights.weights.keys()].sort()).toEqual(Object.keys(expected.weights).sort());
    for (const [name, { shape, sha256 }] of Object.entries(expected.weights)) {
      const values = await model.weights.read(name);
      expect([name, model.weights.weights.get(name)?.shape]).toEqual([name, shape]);
      expect([name, createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")]).toEqual([
        name,
        sha256,
      ]);
    }
    for (const [key, value] of Object.entries(expected.config)) {
      expect([key, asFloat32(model.config[key] ?? null)]).toEqual([
        key,
        asFloat32(expectedValue(key, value)),
      ]);
    }
    await model.weights.close();
  });
});

/** `transformers` leaves Gemma's query scale at its default; in a file of 2 layers, it equals the head width. */
function expectedValue(key: string, value: unknown): unknown {
  return key === "query_pre_attn_scalar" ? 16 : value;
}

function asFloat32(value: unknown): unknown {
  return typeof value === "number" ? Math.fround(value) : value;
}

const demoModel = process.env["TUNEWISE_TEST_SMOLLM2"] ?? "";

describe.skipIf(demoModel === "")("the demo's model (TUNEWISE_TEST_SMOLLM2 names its .gguf)", () => {
  const expected = golden<{ file: string; weights: Record<string, string> }>("smollm2.json");

  it("is the pinned file", () => {
    expect(createHash("sha256").update(readFileSync(demoModel)).digest("hex")).toBe(expected.file);
  });

  it("has every weight of a Llama with 30 layers, equal to gguf-py's", async () => {
    const model = await openGguf(demoModel);
    const [D, F, layers] = [576, 1536, 30];
    const shapes = new Map<string, number[]>([
      ["model.embed_tokens.weight", [49_152, D]],
      ["model.norm.weight", [D]],
    ]);
    for (let i = 0; i < layers; i++) {
      const layer = `model.layers.${i}`;
      for (const norm of ["input_layernorm", "post_attention_layernorm"]) {
        shapes.set(`${layer}.${norm}.weight`, [D]);
      }
      for (const [name, shape] of Object.entries({ q: [D, D], k: [192, D], v: [192, D], o: [D, D] })) {
        shapes.set(`${layer}.self_attn.${name}_proj.weight`, shape);
      }
      for (const [name, shape] of Object.entries({ gate: [F, D], up: [F, D], down: [D, F] })) {
        shapes.set(`${layer}.mlp.${name}_proj.weight`, shape);
      }
    }
    const found = [...model.weights.weights.values()].map(({ name, shape }) => [name, [...shape]] as const);
    expect(new Map(found)).toEqual(shapes);
    const hashes = new Map<string, string>();
    for (const name of shapes.keys()) {
      const values = await model.weights.read(name);
      hashes.set(name, createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex").slice(0, 16));
    }
    const theirs = Object.values(expected.weights).sort();
    expect([...hashes.values()].sort()).toEqual(theirs);
    expect(hashes.get("model.layers.7.self_attn.q_proj.weight")).toBe(
      expected.weights["blk.7.attn_q.weight"],
    );
    expect(hashes.get("model.layers.7.self_attn.k_proj.weight")).toBe(
      expected.weights["blk.7.attn_k.weight"],
    );
    expect(hashes.get("model.layers.29.mlp.down_proj.weight")).toBe(
      expected.weights["blk.29.ffn_down.weight"],
    );
    await model.weights.close();
  });
});
