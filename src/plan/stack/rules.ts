/**
 * @file How training programs work, as rules from which memory follows: what they keep, in which number format.
 */

/**
 * How head and loss are computed, by what exists of the table of logits at the peak.
 *
 * `whole`: log-probabilities, the gradient of the loss and that of the logits, float32 each. `pieces`: the 16-bit
 * logits, float32 log-probabilities of all pieces. `half-pieces`: log-probabilities in 16 bits. `compiled-pieces`: the
 * 16-bit logits alone. `in-place`: 16-bit logits that become their gradients. `fused`: no table.
 */
export type LossKind = "whole" | "pieces" | "half-pieces" | "compiled-pieces" | "in-place" | "fused";

/** Names of the programs that the planner knows. */
export const stackNames = [
  "hf-trl",
  "hf-loop",
  "hf-liger",
  "axolotl",
  "llama-factory",
  "llama-factory+unsloth",
  "unsloth",
  "litgpt",
  "llm-foundry",
  "fsdp-qlora",
  "torchtune",
] as const;

/** Name of a program that the planner knows. */
export type StackName = (typeof stackNames)[number];

/** Other names that people and tables use. */
const aliases: Readonly<Record<string, StackName>> = {
  hf: "hf-trl",
  "hf-trainer": "hf-trl",
  trl: "hf-trl",
  transformers: "hf-trl",
  "hf-peft": "hf-loop",
  peft: "hf-loop",
  liger: "hf-liger",
  "trl-liger": "hf-liger",
  "axolotl-cce": "axolotl",
  llamafactory: "llama-factory",
  "lit-gpt": "litgpt",
  "ms-swift": "hf-trl",
  autotrain: "hf-trl",
  "answer.ai": "fsdp-qlora",
  "answerai-fsdp-qlora": "fsdp-qlora",
  "answer.ai-fsdp-qlora": "fsdp-qlora",
  composer: "llm-foundry",
  "llama-factory-unsloth": "llama-factory+unsloth",
};

/** A program by its name or another name of it; `null` where nobody knows it. */
export function findStack(name: string): StackRules | null {
  const key = name.trim().toLowerCase().replace(/[ _]/g, "-");
  const known = stackNames.find((one) => one === key) ?? aliases[key];
  return known === undefined ? null : stackRules[known];
}

/** The rules of one program. */
export interface StackRules {
  readonly name: StackName;
  /** Plain words for the plan. */
  readonly title: string;
  /** Adapters are float32, or of the model's own 16 bits. */
  readonly adapterBytes: 2 | 4;
  /** Full fine-tuning holds float32 weights and computes with 16-bit copies, or holds 16 bits only. */
  readonly fullWeightBytes: 2 | 4;
  /** Parts that are not quantized become float32, and with them what flows between layers. */
  readonly upcastsUnquantized: boolean;
  /** 16-bit copies are made of each product's inputs while the model itself is left as it is. */
  readonly autocast: boolean;
  /** A norm keeps a float32 copy of its input, or the input itself. */
  readonly norms: "eager" | "fused";
  /** A gated feed-forward keeps gate, activation and up, or gate and up. */
  readonly feedForward: "eager" | "fused";
  /** Each adapter keeps an input of its own, or those that read the same share it. */
  readonly adapterInputs: "each" | "shared";
  /** Keys and values are repeated for each head of the queries before attention. */
  readonly repeatsKeys: boolean;
  /** Queries, keys and values are one product: the values, a part of it, keep it whole. */
  readonly mergesAttention: boolean;
  /** A product with a quantized matrix keeps its input though no gradient needs it. */
  readonly quantizedKeepsInput: boolean;
  readonly loss: LossKind;
  /**
   * Logits that the caller still holds while gradients are computed: as the model gave them, or as the float32 copy
   * that mixed precision makes of a model's outputs.
   */
  readonly heldLogits: "none" | "given" | "float32";
  /** Rows of an evaluation batch where nobody says otherwise; `null`: as many as in training. */
  readonly evaluationRows: number | null;
  /** Layers are computed again unless the setting says otherwise. */
  readonly checkpointing: boolean;
  /** Where the inputs of recomputed layers wait. */
  readonly checkpointStore: "device" | "host";
  /** One kernel updates all values; else a temporary of the size of the trained values exists. */
  readonly fusedOptimizer: boolean;
  /** Each gradient is used and dropped as soon as it is there. */
  readonly optimizerInBackward: boolean;
}

const huggingFace: StackRules = {
  name: "hf-trl",
  title: "Hugging Face Trainer or TRL with PEFT",
  adapterBytes: 4,
  fullWeightBytes: 4,
  upcastsUnquantized: true,
  autocast: true,
  norms: "eager",
  feedForward: "eager",
  adapterInputs: "each",
  repeatsKeys: true,
  mergesAttention: false,
  quantizedKeepsInput: false,
  loss: "whole",
  heldLogits: "float32",
  evaluationRows: 8,
  checkpointing: false,
  checkpointStore: "device",
  fusedOptimizer: false,
  optimizerInBackward: false,
};

const half: StackRules = {
  ...huggingFace,
  adapterBytes: 2,
  fullWeightBytes: 2,
  upcastsUnquantized: false,
  autocast: false,
  adapterInputs: "shared",
  evaluationRows: null,
};

/**
 * Programs by name. Each rule says how the program works, none was fitted to a row of measurements.
 *
 * @source huggingface/transformers 5.24, huggingface/peft 0.21, huggingface/trl 1.16, Lightning-AI/litgpt 0.5,
 *   meta-pytorch/torchtune 0.6, bitsandbytes 0.41 and 0.50, hiyouga/LLaMA-Factory and unslothai/unsloth documentation;
 *   what PyTorch's autograd keeps was counted with bench/kept-tensors.py
 */
export const stackRules: Readonly<Record<StackName, StackRules>> = {
  "hf-trl": huggingFace,
  "hf-loop": {
    ...huggingFace,
    name: "hf-loop",
    title: "a plain training loop with transformers and PEFT",
    autocast: false,
    heldLogits: "given",
  },
  "hf-liger": {
    ...huggingFace,
    name: "hf-liger",
    title: "Hugging Face Trainer with Liger kernels",
    norms: "fused",
    feedForward: "fused",
    loss: "fused",
    heldLogits: "none",
  },
  axolotl: {
    ...huggingFace,
    name: "axolotl",
    title: "Axolotl with cut cross entropy",
    checkpointing: true,
    loss: "fused",
    heldLogits: "none",
    fusedOptimizer: true,
  },
  "llama-factory": {
    ...huggingFace,
    name: "llama-factory",
    title: "LLaMA-Factory",
    upcastsUnquantized: false,
    checkpointing: true,
  },
  "llama-factory+unsloth": {
    ...huggingFace,
    name: "llama-factory+unsloth",
    title: "LLaMA-Factory with Unsloth's kernels",
    upcastsUnquantized: false,
    norms: "fused",
    feedForward: "fused",
    adapterInputs: "shared",
    repeatsKeys: false,
    loss: "in-place",
    checkpointing: true,
    checkpointStore: "host",
  },
  unsloth: {
    ...huggingFace,
    name: "unsloth",
    title: "Unsloth",
    upcastsUnquantized: false,
    norms: "fused",
    feedForward: "fused",
    adapterInputs: "shared",
    repeatsKeys: false,
    loss: "fused",
    heldLogits: "none",
    checkpointing: true,
    checkpointStore: "host",
  },
  litgpt: {
    ...half,
    name: "litgpt",
    title: "LitGPT",
    repeatsKeys: false,
    mergesAttention: true,
    quantizedKeepsInput: true,
    loss: "half-pieces",
    heldLogits: "given",
    fusedOptimizer: true,
  },
  "llm-foundry": {
    ...huggingFace,
    name: "llm-foundry",
    title: "LLM Foundry with FSDP",
    norms: "fused",
    repeatsKeys: false,
    heldLogits: "none",
    fusedOptimizer: true,
  },
  "fsdp-qlora": {
    ...half,
    name: "fsdp-qlora",
    title: "Answer.AI's script for QLoRA under FSDP",
    heldLogits: "none",
    checkpointing: true,
    fusedOptimizer: true,
  },
  torchtune: {
    ...half,
    name: "torchtune",
    title: "torchtune",
    norms: "fused",
    feedForward: "fused",
    loss: "compiled-pieces",
    heldLogits: "none",
    checkpointing: true,
    fusedOptimizer: true,
  },
};
