import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  flag,
  float32,
  type GgufParts,
  ggufBytes,
  list,
  type TensorLine,
  type TypedValue,
  text,
  uint32,
} from "../../../../../test/support/gguf-bytes.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../../problem/index.ts";
import { openGguf } from "./gguf.ts";

const folder = temporaryFolder();
const path = join(folder, "model.gguf");

const tokens = ["<|end|>", "a", "b", "ab"];

const metadata: Readonly<Record<string, TypedValue>> = {
  "general.architecture": text("llama"),
  "llama.context_length": uint32(64),
  "llama.embedding_length": uint32(4),
  "llama.block_count": uint32(1),
  "llama.feed_forward_length": uint32(8),
  "llama.attention.head_count": uint32(1),
  "llama.attention.layer_norm_rms_epsilon": float32(1e-5),
  "tokenizer.ggml.model": text("gpt2"),
  "tokenizer.ggml.tokens": list(tokens.map(text)),
  "tokenizer.ggml.token_type": list([3, 1, 1, 1].map((value) => ({ type: 5, value }))),
  "tokenizer.ggml.merges": list([text("a b")]),
  "tokenizer.ggml.eos_token_id": uint32(0),
};

/** Values 0, 1, 2 ... as bytes. */
function counting(count: number): Uint8Array {
  return new Uint8Array(Float32Array.from({ length: count }, (_, i) => i).buffer);
}

function tensor(name: string, axes: readonly number[], offset: number, type = 0): TensorLine {
  return { name, axes, type, offset, data: counting(axes.reduce((a, b) => a * b, 1)) };
}

const good: GgufParts = {
  metadata,
  tensors: [tensor("token_embd.weight", [4, 4], 0), tensor("blk.0.attn_q.weight", [2, 4], 64)],
};

function write(parts: GgufParts): string {
  writeFileSync(path, ggufBytes(parts));
  return path;
}

async function outcome(work: Promise<{ weights: { close(): Promise<void> } }>): Promise<string> {
  try {
    await (await work).weights.close();
  } catch (error) {
    if (TunewiseError.is(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

const open = (parts: GgufParts): Promise<string> => outcome(openGguf(write(parts)));

/** The metadata with some entries replaced; `null` removes one. */
function changed(changes: Readonly<Record<string, TypedValue | null>>): GgufParts {
  const entries = Object.entries({ ...metadata, ...changes }).filter((entry) => entry[1] !== null);
  return { ...good, metadata: Object.fromEntries(entries) as Record<string, TypedValue> };
}

describe("a sound file", () => {
  it("gives weights under Hugging Face names with the output axis first", async () => {
    const model = await openGguf(write(good));
    expect([...model.weights.weights.values()]).toEqual([
      { name: "model.embed_tokens.weight", shape: [4, 4], stored: "F32" },
      { name: "model.layers.0.self_attn.q_proj.weight", shape: [4, 2], stored: "F32" },
    ]);
    // One head of four rows: file rows 0 1 2 3 were rows 0 2 1 3 before the converter interleaved them.
    const q = await model.weights.read("model.layers.0.self_attn.q_proj.weight");
    expect([...q]).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
    await model.weights.close();
  });

  it("gives a configuration with the decimal numbers that were rounded", async () => {
    const model = await openGguf(write(good));
    expect(model.config).toMatchObject({
      model_type: "llama",
      vocab_size: 4,
      head_dim: 4,
      num_key_value_heads: 1,
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      rope_scaling: null,
      tie_word_embeddings: true,
      eos_token_id: 0,
    });
    expect(model.tokenizer.endIds).toEqual([0]);
    await model.weights.close();
  });

  it("is read in version 2 and with another alignment", async () => {
    expect(await open({ ...good, version: 2 })).toBe("no error");
    const aligned = changed({ "general.alignment": uint32(64) });
    expect(await open({ ...aligned, alignment: 64 })).toBe("no error");
  });

  it("is read when its head is longer than the first piece", async () => {
    const long = list(Array.from({ length: 120_000 }, (_, i) => text(`entry ${i}`)));
    const model = await openGguf(write(changed({ "general.tags": long })));
    expect((await model.weights.read("model.embed_tokens.weight"))[15]).toBe(15);
    await model.weights.close();
  });
});

describe("a lying head", () => {
  it.each<[string, GgufParts, string]>([
    ["another magic", { ...good, magic: "GGML" }, "does not begin with GGUF"],
    ["version 1", { ...good, version: 1 }, "MODEL_GGUF_UNSUPPORTED: "],
    ["big-endian order", { ...good, version: 0x03000000 }, "it is big-endian"],
    ["too many tensors", { ...good, tensorCount: 2n ** 40n }, "MODEL_FILE_LIMIT"],
    ["too many entries", { ...good, entryCount: 2n ** 40n }, "MODEL_FILE_LIMIT"],
    ["more entries than there are", { ...good, entryCount: 60_000n }, "MODEL_FILE_"],
    ["an impossible count", { ...good, entryCount: 2n ** 63n }, "impossible length"],
    [
      "an entry twice",
      {
        ...good,
        metadata: [
          ["a", uint32(1)],
          ["a", uint32(2)],
        ],
      },
      "entry a twice",
    ],
    ["an unknown value type", changed({ x: { type: 99, value: 0 } }), "unknown type 99"],
    ["an alignment of 0", changed({ "general.alignment": uint32(0) }), "alignment is 0"],
    ["an alignment in words", changed({ "general.alignment": text("32") }), "alignment is 32"],
    ["an alignment of 3", changed({ "general.alignment": uint32(3) }), "is 3, not a multiple of 8"],
    ["a huge alignment", changed({ "general.alignment": uint32(2 ** 31) }), "its alignment"],
    ["no size", changed({ "llama.block_count": null }), "it has no llama.block_count"],
    ["a size in words", changed({ "llama.block_count": text("1") }), "not a number"],
    ["a size of 0", changed({ "llama.block_count": uint32(0) }), "positive whole number"],
    ["an epsilon that is NaN", changed({ "llama.rope.freq_base": float32(Number.NaN) }), "not a number"],
    ["another architecture", changed({ "general.architecture": text("mamba") }), "architecture is mamba"],
    ["no architecture", changed({ "general.architecture": null }), "is not stated"],
    ["one part of several", changed({ "split.count": { type: 2, value: 3 } }), "one part of a model"],
    [
      "unknown rotary factors",
      { ...good, tensors: [tensor("rope_freqs.weight", [2], 0)] },
      "no supported RoPE scaling",
    ],
  ])("with %s is refused", async (_, parts, expected) => {
    expect(await open(parts)).toContain(expected);
  });

  it.each<[string, readonly TensorLine[], string]>([
    ["beyond the end", [{ ...tensor("a", [4, 100], 0), data: counting(4) }], "but the file has"],
    ["of impossible size", [{ ...tensor("a", [4], 0), axes: [2 ** 40, 2 ** 40] }], "but the file has"],
    ["that overlap", [tensor("a", [8], 0), tensor("b", [8], 0)], "b overlaps"],
    ["of one name", [tensor("a", [8], 0), tensor("a", [8], 32)], "the tensor a twice"],
    ["off the alignment", [tensor("a", [8], 4)], "not aligned to 32"],
    ["of a type that is not read", [tensor("a", [8], 0, 10)], "stored as ggml type 10"],
    ["with rows of no whole blocks", [tensor("a", [33], 0, 8)], "not a multiple of 32 (Q8_0)"],
    ["with too many axes", [tensor("a", [1, 1, 1, 1, 1, 1, 1, 1, 1], 0)], "number of axes"],
    ["with an overlong name", [tensor("a".repeat(300), [8], 0)], "length of a tensor's name"],
    ["with an odd head", [tensor("blk.0.attn_q.weight", [4, 3], 0)], "not a multiple of twice"],
  ])("with tensors %s is refused", async (_, tensors, expected) => {
    expect(await open({ ...good, tensors })).toContain(expected);
  });

  it("with arrays nested too deep is refused", async () => {
    let value = list([uint32(1)]);
    for (let i = 0; i < 5; i++) value = list([value]);
    expect(await open(changed({ deep: value }))).toContain("the depth of deep");
  });

  it("with a long array in a short file is refused before it is made", async () => {
    const bytes = ggufBytes({ metadata: { x: list([uint32(1)]) } });
    new DataView(bytes.buffer).setBigUint64(24 + 8 + 1 + 4 + 4, 4_000_000n, true);
    writeFileSync(path, bytes);
    expect(await outcome(openGguf(path))).toContain("but byte");
    new DataView(bytes.buffer).setBigUint64(24 + 8 + 1 + 4 + 4, 5_000_000n, true);
    writeFileSync(path, bytes);
    expect(await outcome(openGguf(path))).toContain("MODEL_FILE_LIMIT");
  });

  it("may not be cut anywhere", async () => {
    const whole = ggufBytes(good);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect([length, await outcome(openGguf(path))]).toEqual([
        length,
        expect.stringContaining("MODEL_FILE_"),
      ]);
    }
  });

  it("may be changed anywhere without anything worse than a clear error", async () => {
    const whole = ggufBytes(good);
    for (let at = 0; at < whole.length - 96; at++) {
      const damaged = whole.slice();
      damaged[at] = (whole[at] ?? 0) ^ 0x41;
      writeFileSync(path, damaged);
      expect(await outcome(openGguf(path))).toMatch(/^(no error|MODEL_)/);
    }
  });
});

describe("the configuration", () => {
  it("recognizes Llama 3's rotary factors", async () => {
    const headWidth = 64;
    const factors = Float32Array.from({ length: headWidth / 2 }, (_, i) => {
      const wave = 2 * Math.PI * 500_000 ** ((2 * i) / headWidth);
      if (wave < 2048) return 1;
      return wave > 8192 ? 32 : 1 / ((1 - (8192 / wave - 1) / 3) / 32 + (8192 / wave - 1) / 3);
    });
    const parts = changed({
      "llama.rope.freq_base": float32(500_000),
      "llama.rope.dimension_count": uint32(headWidth),
    });
    const data = new Uint8Array(factors.buffer);
    const line: TensorLine = { name: "rope_freqs.weight", axes: [32], type: 0, offset: 0, data };
    const model = await openGguf(write({ ...parts, tensors: [line] }));
    expect(model.config["rope_scaling"]).toEqual({
      rope_type: "llama3",
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    });
    expect([...model.weights.weights.keys()]).toEqual([]);
    await model.weights.close();
  });

  it.each<[string, TypedValue | null, unknown]>([
    ["none", text("none"), null],
    ["absent", null, null],
    ["linear", text("linear"), { rope_type: "linear", factor: 2.5 }],
  ])("takes a rotary scaling that is %s", async (_, type, expected) => {
    const parts = changed({ "llama.rope.scaling.type": type, "llama.rope.scaling.factor": float32(2.5) });
    const model = await openGguf(write(parts));
    expect(model.config["rope_scaling"]).toEqual(expected);
    await model.weights.close();
  });

  it("gives Gemma 2 its caps, its window and the 27B size its query scale", async () => {
    const gemma = (layers: number): GgufParts => ({
      metadata: {
        ...Object.fromEntries(
          Object.entries(metadata).map(([key, value]) => [key.replace("llama.", "gemma2."), value]),
        ),
        "general.architecture": text("gemma2"),
        "gemma2.block_count": uint32(layers),
        "gemma2.attention.head_count": uint32(2),
        "gemma2.attention.key_length": uint32(16),
      },
      tensors: [tensor("blk.0.post_ffw_norm.weight", [4], 0), tensor("blk.0.ffn_norm.weight", [4], 32)],
    });
    const small = await openGguf(write(gemma(26)));
    expect(small.config).toMatchObject({
      head_dim: 16,
      query_pre_attn_scalar: 16,
      sliding_window: 4096,
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      hidden_act: "gelu_pytorch_tanh",
    });
    const norm = await small.weights.read("model.layers.0.post_feedforward_layernorm.weight");
    expect([...norm]).toEqual([-1, 0, 1, 2]);
    expect(small.weights.weights.has("model.layers.0.pre_feedforward_layernorm.weight")).toBe(true);
    await small.weights.close();
    const large = await openGguf(write(gemma(46)));
    expect(large.config["query_pre_attn_scalar"]).toBe(2);
    await large.weights.close();
  });
});

describe("the tokenizer", () => {
  const scores = list([0, -1, -2, -3].map(float32));
  it.each<[string, Readonly<Record<string, TypedValue | null>>, string]>([
    ["none", { "tokenizer.ggml.tokens": null, "tokenizer.ggml.token_type": null }, "it has no tokenizer"],
    ["another kind", { "tokenizer.ggml.model": text("t5") }, "MODEL_TOKENIZER_UNSUPPORTED"],
    ["an unknown preparation", { "tokenizer.ggml.pre": text("mystery") }, "its pre-tokenizer is mystery"],
    [
      "types for other tokens",
      { "tokenizer.ggml.token_type": list([uint32(1)]) },
      "4 tokens but 1 token types",
    ],
    ["tokens that are numbers", { "tokenizer.ggml.tokens": list([uint32(1)]) }, "not a list of strings"],
    ["an end beyond its tokens", { "tokenizer.ggml.eos_token_id": uint32(9) }, "but there are 4 tokens"],
    ["merges that are no pairs", { "tokenizer.ggml.merges": list([text("ab")]) }, "which is no pair"],
    [
      "pieces without scores",
      { "tokenizer.ggml.model": text("llama"), "tokenizer.ggml.merges": null },
      "neither",
    ],
    [
      "pieces without bytes",
      { "tokenizer.ggml.model": text("llama"), "tokenizer.ggml.scores": scores },
      "0 byte",
    ],
  ])("with %s is refused", async (_, changes, expected) => {
    expect(await open(changed(changes))).toContain(expected);
  });

  it("has the file's template, its special tokens and its beginning", async () => {
    const parts = changed({
      "tokenizer.chat_template": text("{{ messages }}"),
      "tokenizer.ggml.bos_token_id": uint32(0),
      "tokenizer.ggml.eot_token_id": uint32(3),
      "tokenizer.ggml.add_bos_token": flag(true),
    });
    const { tokenizer, weights } = await openGguf(write(parts));
    expect(tokenizer.endIds).toEqual([0, 3]);
    expect(tokenizer.config).toMatchObject({
      chat_template: "{{ messages }}",
      bos_token: "<|end|>",
      eos_token: "<|end|>",
      unk_token: null,
      add_bos_token: true,
    });
    expect(tokenizer.tokenizer).toMatchObject({
      added_tokens: [{ id: 0, content: "<|end|>", special: true, normalized: false }],
      post_processor: { single: [{ SpecialToken: { id: "<|end|>" } }, { Sequence: { id: "A" } }] },
      model: { merges: [["a", "b"]] },
    });
    await weights.close();
  });

  it("keeps tokens that are names of the prototype", async () => {
    const odd = ["<|end|>", "__proto__", "constructor", "toString"];
    const parts = changed({ "tokenizer.ggml.tokens": list(odd.map(text)), "tokenizer.ggml.merges": null });
    const { tokenizer, weights } = await openGguf(write(parts));
    const { vocab } = (tokenizer.tokenizer as { model: { vocab: Record<string, number> } }).model;
    expect(Object.entries(vocab)).toEqual(odd.map((token, id) => [token, id]));
    await weights.close();
  });
});
