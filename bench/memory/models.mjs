/**
 * @file Models with random weights in the shapes of published ones, because memory depends on shapes, not on values.
 *
 * All have the tokenizer of `models/small`, extended to the size of their vocabulary with tokens that English text does
 * not use.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const small = fileURLToPath(new URL("../../models/small/", import.meta.url));

const llama = { model_type: "llama", rms_norm_eps: 1e-5, rope_theta: 10_000, hidden_act: "silu" };

/** Configurations and weight formats by name. */
const shapes = {
  // SmolLM2-135M
  smol: {
    stored: "F32",
    config: {
      ...llama,
      hidden_size: 576,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      intermediate_size: 1536,
      vocab_size: 49_152,
      max_position_embeddings: 8192,
      tie_word_embeddings: true,
    },
  },
  // Qwen2.5-0.5B
  qwen: {
    stored: "BF16",
    config: {
      model_type: "qwen2",
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      hidden_act: "silu",
      hidden_size: 896,
      num_hidden_layers: 24,
      num_attention_heads: 14,
      num_key_value_heads: 2,
      intermediate_size: 4864,
      vocab_size: 151_936,
      max_position_embeddings: 32_768,
      tie_word_embeddings: true,
    },
  },
  // a Llama of 270 million parameters with an untied head
  llama: {
    stored: "F16",
    config: {
      ...llama,
      hidden_size: 1024,
      num_hidden_layers: 16,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      intermediate_size: 2816,
      vocab_size: 32_000,
      max_position_embeddings: 4096,
      tie_word_embeddings: false,
    },
  },
  // a small Gemma 2: four norms, capped scores, a very large vocabulary
  gemma: {
    stored: "BF16",
    config: {
      model_type: "gemma2",
      rms_norm_eps: 1e-6,
      rope_theta: 10_000,
      hidden_activation: "gelu_pytorch_tanh",
      hidden_size: 640,
      num_hidden_layers: 12,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 256,
      intermediate_size: 2560,
      vocab_size: 256_000,
      max_position_embeddings: 8192,
      query_pre_attn_scalar: 256,
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      sliding_window: 4096,
      tie_word_embeddings: true,
    },
  },
  // a wide and shallow Qwen 3: head norms, heads together wider than the model
  qwen3: {
    stored: "BF16",
    config: {
      model_type: "qwen3",
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      hidden_act: "silu",
      hidden_size: 1024,
      num_hidden_layers: 8,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 3072,
      vocab_size: 151_936,
      max_position_embeddings: 32_768,
      tie_word_embeddings: true,
    },
  },
  // SmolLM2-1.7B
  "smol-1.7b": {
    stored: "BF16",
    config: {
      ...llama,
      hidden_size: 2048,
      num_hidden_layers: 24,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      intermediate_size: 8192,
      vocab_size: 49_152,
      max_position_embeddings: 8192,
      tie_word_embeddings: true,
    },
  },
  // Qwen2.5-1.5B
  "qwen-1.5b": {
    stored: "BF16",
    config: {
      model_type: "qwen2",
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      hidden_act: "silu",
      hidden_size: 1536,
      num_hidden_layers: 28,
      num_attention_heads: 12,
      num_key_value_heads: 2,
      intermediate_size: 8960,
      vocab_size: 151_936,
      max_position_embeddings: 32_768,
      tie_word_embeddings: true,
    },
  },
  // Llama 2 7B
  "llama-7b": {
    stored: "BF16",
    config: {
      ...llama,
      hidden_size: 4096,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      intermediate_size: 11_008,
      vocab_size: 32_000,
      max_position_embeddings: 4096,
      tie_word_embeddings: false,
    },
  },
};

/** The folder of a model, which is written if missing; `small` is the one shipped with the project. */
export function modelFolder(name, parent) {
  if (name === "small") return small;
  const shape = shapes[name];
  if (!shape) throw new Error(`no model ${name}; there are small, ${Object.keys(shapes).join(", ")}`);
  const folder = join(parent, name);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  mkdirSync(draft, { recursive: true });
  copyFileSync(join(small, "tokenizer_config.json"), join(draft, "tokenizer_config.json"));
  writeTokenizer(join(draft, "tokenizer.json"), shape.config.vocab_size);
  const ids = { bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 };
  writeFileSync(join(draft, "config.json"), JSON.stringify({ ...shape.config, ...ids }));
  writeWeights(join(draft, "model.safetensors"), shape);
  renameSync(draft, folder);
  return folder;
}

/** Writes the small tokenizer, extended to a size with merges of characters that represent bytes above 127. */
function writeTokenizer(path, size) {
  const tokenizer = JSON.parse(readFileSync(join(small, "tokenizer.json"), "utf8"));
  const { vocab, merges } = tokenizer.model;
  const used = new Set(tokenizer.added_tokens.map(({ id }) => id));
  let next = Math.max(...Object.values(vocab), ...used) + 1;
  // these characters include white space, which English text uses
  const isRare = (word) => word.length === 1 && word.charCodeAt(0) > 255 && !"ĠĊĉčĖ".includes(word);
  const bytes = Object.keys(vocab).filter(isRare);
  const asList = Array.isArray(merges[0]);
  for (let from = bytes; next < size; ) {
    const longer = [];
    for (const start of from) {
      for (const end of bytes) {
        if (next >= size) break;
        if (vocab[start + end] !== undefined) continue;
        vocab[start + end] = next++;
        merges.push(asList ? [start, end] : `${start} ${end}`);
        longer.push(start + end);
      }
    }
    from = longer;
  }
  writeFileSync(path, JSON.stringify(tokenizer));
}

/** Names and shapes of all weights. */
function tensors(c) {
  const width = c.head_dim ?? c.hidden_size / c.num_attention_heads;
  const [d, f] = [c.hidden_size, c.intermediate_size];
  const [q, kv] = [c.num_attention_heads * width, c.num_key_value_heads * width];
  const isGemma = c.model_type === "gemma2";
  const norms = ["input_layernorm", "post_attention_layernorm"];
  if (isGemma) norms.push("pre_feedforward_layernorm", "post_feedforward_layernorm");
  const layer = [
    ["self_attn.q_proj.weight", [q, d]],
    ["self_attn.k_proj.weight", [kv, d]],
    ["self_attn.v_proj.weight", [kv, d]],
    ["self_attn.o_proj.weight", [d, q]],
    ["mlp.gate_proj.weight", [f, d]],
    ["mlp.up_proj.weight", [f, d]],
    ["mlp.down_proj.weight", [d, f]],
    ...norms.map((name) => [`${name}.weight`, [d]]),
  ];
  if (c.model_type === "qwen2") {
    layer.push(
      ["self_attn.q_proj.bias", [q]],
      ["self_attn.k_proj.bias", [kv]],
      ["self_attn.v_proj.bias", [kv]],
    );
  }
  if (c.model_type === "qwen3") {
    layer.push(["self_attn.q_norm.weight", [width]], ["self_attn.k_norm.weight", [width]]);
  }
  const all = [
    ["model.embed_tokens.weight", [c.vocab_size, d]],
    ["model.norm.weight", [d]],
  ];
  if (!c.tie_word_embeddings) all.push(["lm_head.weight", [c.vocab_size, d]]);
  for (let at = 0; at < c.num_hidden_layers; at++) {
    for (const [name, shape] of layer) all.push([`model.layers.${at}.${name}`, shape]);
  }
  return all;
}

/** Writes a safetensors file: norms are 1 (0 if the family adds 1), all other weights are small and random. */
function writeWeights(path, { stored, config }) {
  const size = stored === "F32" ? 4 : 2;
  const list = tensors(config);
  const header = {};
  let offset = 0;
  for (const [name, shape] of list) {
    const end = offset + size * shape.reduce((product, axis) => product * axis, 1);
    header[name] = { dtype: stored, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = openSync(path, "w");
  writeSync(file, length);
  writeSync(file, padded);
  const noise = encode(Float32Array.from({ length: 1 << 18 }, randomNumbers(7)), stored);
  const one = encode(new Float32Array(1 << 18).fill(config.model_type === "gemma2" ? 0 : 1), stored);
  for (const [name, shape] of list) {
    const source = name.includes("norm") ? one : noise;
    let left = size * shape.reduce((product, axis) => product * axis, 1);
    while (left > 0) left -= writeSync(file, source, 0, Math.min(left, source.length));
  }
}

/** Random numbers with a standard deviation of about 0.02. */
function randomNumbers(seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => 0.035 * (uniform() + uniform() - 1) * Math.SQRT2;
}

/** Numbers in the storage format. Bits are truncated, because rounding does not matter here. */
function encode(values, stored) {
  if (stored === "F32") return new Uint8Array(values.buffer);
  const bits = new Uint32Array(values.buffer);
  return new Uint8Array(Uint16Array.from(bits, stored === "BF16" ? (one) => one >>> 16 : halfOf).buffer);
}

/** The bits of a float32 as half precision, for numbers that are normal in it; others become 0. */
function halfOf(bits) {
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent <= 0) return 0;
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
