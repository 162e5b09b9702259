import fc from "fast-check";
import { expect, test } from "vitest";
import { checkParameterCount, describeModel } from "./describe-model.ts";

/**
 * hidden, layers, heads, kv heads, feed-forward, vocabulary, tied, head width (null: not stated), and the parameter
 * count declared by the model's files.
 */
type Row = [string, string, number, number, number, number, number, number, boolean, number | null, number];
const published: Row[] = [
  ["SmolLM2-135M", "llama", 576, 30, 9, 3, 1536, 49152, true, null, 134_515_008],
  ["SmolLM2-360M", "llama", 960, 32, 15, 5, 2560, 49152, true, null, 361_821_120],
  ["SmolLM2-1.7B", "llama", 2048, 24, 32, 32, 8192, 49152, true, null, 1_711_376_384],
  ["Llama 3.2 1B", "llama", 2048, 16, 32, 8, 8192, 128256, true, 64, 1_235_814_400],
  ["Llama 2 7B", "llama", 4096, 32, 32, 32, 11008, 32000, false, null, 6_738_415_616],
  ["Llama 3.1 8B", "llama", 4096, 32, 32, 8, 14336, 128256, false, null, 8_030_261_248],
  ["Mistral 7B v0.1", "mistral", 4096, 32, 32, 8, 14336, 32000, false, null, 7_241_732_096],
  ["Qwen2.5 0.5B", "qwen2", 896, 24, 14, 2, 4864, 151936, true, null, 494_032_768],
  ["Qwen2.5 7B", "qwen2", 3584, 28, 28, 4, 18944, 152064, false, null, 7_615_616_512],
  ["Qwen3 0.6B", "qwen3", 1024, 28, 16, 8, 3072, 151936, true, 128, 596_049_920],
  ["Qwen3 8B", "qwen3", 4096, 36, 32, 8, 12288, 151936, false, 128, 8_190_735_360],
  ["Gemma 2 2B", "gemma2", 2304, 26, 8, 4, 9216, 256000, true, 256, 2_614_341_888],
  ["Gemma 7B", "gemma", 3072, 28, 16, 16, 24576, 256000, true, 256, 8_537_680_896],
  ["phi-1.5", "phi", 2048, 24, 32, 32, 8192, 51200, false, null, 1_418_270_720],
  ["phi-2", "phi", 2560, 32, 32, 32, 10240, 51200, false, null, 2_779_683_840],
  ["Phi-3 mini", "phi3", 3072, 32, 32, 32, 8192, 32064, false, null, 3_821_079_552],
  ["Pythia 1.4B", "gpt_neox", 2048, 24, 16, 16, 8192, 50304, false, null, 1_414_647_808],
  ["StarCoder2 3B", "starcoder2", 3072, 30, 24, 2, 12288, 49152, true, null, 3_030_371_328],
  ["Gemma 3 1B", "gemma3_text", 1152, 26, 4, 1, 6912, 262144, true, 256, 999_885_952],
  ["GPT-2", "gpt2", 768, 12, 12, 12, 3072, 50257, true, null, 124_439_808],
  ["Phi-4", "phi3", 5120, 40, 40, 10, 17920, 100352, false, null, 14_659_507_200],
  ["Phi-4 mini", "phi3", 3072, 32, 24, 8, 8192, 200064, true, null, 3_836_021_760],
  ["SmolLM3 3B", "smollm3", 2048, 36, 16, 4, 11008, 128256, true, null, 3_075_098_624],
  ["OLMo 2 1B", "olmo2", 2048, 16, 16, 16, 8192, 100352, false, null, 1_484_916_736],
  ["Granite 3.1 2B", "granite", 2048, 40, 32, 8, 8192, 49155, true, null, 2_533_531_648],
  ["Gemma 2 9B", "gemma2", 3584, 42, 16, 8, 14336, 256000, true, null, 9_241_705_984],
];

function configOf([, model_type, hidden, layers, heads, kv, ffn, vocabulary, tied, headWidth]: Row) {
  return {
    model_type,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kv,
    intermediate_size: ffn,
    vocab_size: vocabulary,
    max_position_embeddings: model_type === "gpt2" ? 1024 : 8192,
    // omitted if it is the default, so that the default is tested
    ...(tied === ["gemma", "gemma2", "gemma3_text", "gpt2", "smollm3", "starcoder2"].includes(model_type)
      ? {}
      : { tie_word_embeddings: tied }),
    ...(headWidth === null ? {} : { head_dim: headWidth }),
  };
}

test.each(published)("%s has as many parameters as its files declare", (...row) => {
  const { model, findings } = describeModel(configOf(row));
  expect(findings).toEqual([]);
  expect(model?.parameters.total).toBe(row[10]);
});

const small = configOf(published[0] as Row);

test("projections of a layer, with grouped keys and values", () => {
  const { model } = describeModel(small);
  expect(
    model?.projections.map(({ name, inputWidth, outputWidth }) => [name, inputWidth, outputWidth]),
  ).toEqual([
    ["q_proj", 576, 576],
    ["k_proj", 576, 192],
    ["v_proj", 576, 192],
    ["o_proj", 576, 576],
    ["gate_proj", 576, 1536],
    ["up_proj", 576, 1536],
    ["down_proj", 1536, 576],
  ]);
});

test.each([
  ["llama", {}, []],
  ["llama", { attention_bias: true }, ["q_proj", "k_proj", "v_proj", "o_proj"]],
  ["llama", { mlp_bias: true }, ["gate_proj", "up_proj", "down_proj"]],
  ["qwen2", {}, ["q_proj", "k_proj", "v_proj"]],
  ["qwen3", {}, []],
])("biases of %s with %j", (model_type, flags, names) => {
  const { model } = describeModel({ ...small, model_type, ...flags });
  expect(model?.projections.filter(({ bias }) => bias).map(({ name }) => name)).toEqual(names);
});

test("a tied table counts once", () => {
  const tied = describeModel({ ...small, tie_word_embeddings: true }).model?.parameters;
  const untied = describeModel({ ...small, tie_word_embeddings: false }).model?.parameters;
  expect(tied?.head).toBe(0);
  expect((untied?.total ?? 0) - (tied?.total ?? 0)).toBe(49152 * 576);
});

test.each([
  [{ hidden_size: undefined }, "hidden_size (missing)"],
  [{ hidden_size: undefined, vocab_size: undefined }, "hidden_size (missing), vocab_size (missing)"],
  [{ num_hidden_layers: 1e9 }, "num_hidden_layers (not from 1 to 1000)"],
  [{ vocab_size: -5 }, "vocab_size (not from 1 to"],
  [{ intermediate_size: "1536" }, "intermediate_size (not from 1 to"],
  [{ hidden_size: 577 }, "head_dim (not from 1 to"],
  [{ num_key_value_heads: 4 }, "num_attention_heads (9 is not divisible by num_key_value_heads, 4)"],
  [{ tie_word_embeddings: "yes" }, "tie_word_embeddings (not true or false)"],
])("%j is named", (change, complaint) => {
  const { model, findings } = describeModel({ ...small, ...change });
  expect(model).toBeNull();
  expect(findings).toMatchObject([{ code: "ARCHITECTURE_FIELDS_MISSING", severity: "error" }]);
  expect(findings[0]?.detail).toContain(complaint);
});

test("an unknown family is described with a warning, its gaps are named", () => {
  const described = describeModel({ ...small, model_type: "mamba" });
  expect(described.model?.family).toBe("mamba");
  expect(described.findings).toMatchObject([{ code: "ARCHITECTURE_UNKNOWN", severity: "warning" }]);
  const gaps = describeModel({ model_type: "constructor" });
  expect(gaps.findings.map(({ code }) => code)).toEqual([
    "ARCHITECTURE_UNKNOWN",
    "ARCHITECTURE_FIELDS_MISSING",
  ]);
  expect(gaps.findings[1]?.detail).toContain("num_hidden_layers (missing), intermediate_size (missing)");
});

test.each([
  [134_515_008, []],
  [136_000_000, []],
  [175_000_000, ["PARAMETER_COUNT_DIFFERS"]],
  [0, ["PARAMETER_COUNT_DIFFERS"]],
])("files that declare %i parameters", (declared, codes) => {
  const { model } = describeModel(small);
  if (!model) throw new Error("no description");
  expect(checkParameterCount(model, declared).map(({ code }) => code)).toEqual(codes);
});

test("no configuration makes it throw", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(small), "head_dim"), fc.anything()),
      (config) => {
        const { model, findings } = describeModel(config);
        expect(model !== null || findings.some(({ severity }) => severity === "error")).toBe(true);
      },
    ),
    { seed: 7 },
  );
});

test("experts count whole in memory and by those a token goes through in work", () => {
  const { model } = describeModel({
    ...configOf(published[6] as Row),
    model_type: "mixtral",
    num_local_experts: 8,
    num_experts_per_tok: 2,
  });
  expect(model?.parameters.total).toBe(46_702_792_704); // Mixtral 8x7B
  expect(model?.parameters.activeLinear).toBe(12_616_466_432);
});

test.each<[string, Record<string, unknown>]>([
  ["GPT-2's names", { n_embd: 64, n_layer: 3, n_head: 4, n_inner: null, n_positions: 256 }],
  ["OPT's names", { hidden_size: 64, num_hidden_layers: 3, num_attention_heads: 4, ffn_dim: 256 }],
  ["no attention", { hidden_size: 64, num_hidden_layers: 3 }],
  ["text inside of another model", { text_config: { hidden_size: 64, num_hidden_layers: 3 } }],
  ["no experts", { hidden_size: 64, num_hidden_layers: 3, num_local_experts: 0, num_experts_per_tok: 0 }],
])("fields of an unknown family: %s", (_, fields) => {
  const { model } = describeModel({ model_type: "other", vocab_size: 100, ...fields });
  expect(model).toMatchObject({ hidden: 64, layers: 3, vocabulary: 100, feedForward: 256, experts: 1 });
});

test("layers of an unknown family are those that its files declare", () => {
  const layer = (at: number) => [
    { name: `model.layers.${at}.norm.weight`, shape: [8] },
    { name: `model.layers.${at}.attention.fused.weight`, shape: [24, 8] },
    { name: `model.layers.${at}.attention.fused.bias`, shape: [24] },
    { name: `model.layers.${at}.attention.out.weight`, shape: [8, 8] },
    { name: `model.layers.${at}.mlp.router.weight`, shape: [4, 8] },
    { name: `model.layers.${at}.mlp.experts.wide`, shape: [4, 32, 8] },
    { name: `model.layers.${at}.mlp.experts.narrow`, shape: [4, 8, 16] },
  ];
  const files = [
    { name: "model.embed.weight", shape: [100, 8] },
    { name: "lm_head.weight", shape: [100, 8] },
    { name: "vision.layers.0.fc.weight", shape: [8, 8] },
    ...layer(0),
    ...layer(1),
  ];
  const config = { model_type: "other", vocab_size: 100, hidden_size: 8, num_hidden_layers: 9 };
  const { model } = describeModel({ ...config, num_experts: 4, num_experts_per_tok: 2 }, files);
  expect(model).toMatchObject({ layers: 2, isOfFiles: true });
  expect(model?.projections).toMatchObject([
    { name: "fused", inputWidth: 8, outputWidth: 24, bias: true, copies: 1, reads: "layer" },
    { name: "out", inputWidth: 8, outputWidth: 8, bias: false, copies: 1, reads: "attended" },
    { name: "wide", inputWidth: 8, outputWidth: 32, copies: 4, activeCopies: 2, reads: "feed-forward" },
    { name: "narrow", inputWidth: 16, outputWidth: 8, copies: 4, activeCopies: 2, reads: "activated" },
  ]);
  const inLayer = 24 * 8 + 8 * 8 + 4 * 32 * 8 + 4 * 8 * 16;
  expect(model?.parameters).toEqual({
    embeddings: 800,
    head: 800,
    linear: 2 * inLayer,
    activeLinear: 2 * (24 * 8 + 8 * 8 + 2 * 384),
    small: 64 + 2 * (8 + 24 + 32),
    total: 1600 + 64 + 2 * (inLayer + 8 + 24 + 32),
  });
});
