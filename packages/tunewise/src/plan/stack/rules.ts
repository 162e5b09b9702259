/** @file Rules of training frameworks that determine memory: saved tensors and number formats. */

/**
 * Implementation of head and cross-entropy loss, by the logit arrays at the peak.
 *
 * `whole`: log-probabilities, the gradient of the loss and that of the logits, float32 each. `pieces`: the logits as
 * computed, float32 log-probabilities of all chunks. `half-pieces`: log-probabilities as computed. `compiled-pieces`:
 * only the logits. `in-place`: logits that are overwritten by their gradients. `fused`: none.
 */
export type LossKind = "whole" | "pieces" | "half-pieces" | "compiled-pieces" | "in-place" | "fused";

/** Supported training frameworks. */
export const stackNames = [
  "worker",
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

/** Name of a supported training framework. */
export type StackName = (typeof stackNames)[number];

/** Aliases by framework. */
const aliases: Readonly<Partial<Record<StackName, string>>> = {
  worker: "tunewise tunewise-worker",
  "hf-trl": "hf hf-trainer trl transformers ms-swift autotrain",
  "hf-loop": "hf-peft peft",
  "hf-liger": "liger trl-liger",
  axolotl: "axolotl-cce",
  "llama-factory": "llamafactory",
  litgpt: "lit-gpt",
  "fsdp-qlora": "answer.ai answerai-fsdp-qlora answer.ai-fsdp-qlora",
  "llm-foundry": "composer",
  "llama-factory+unsloth": "llama-factory-unsloth",
};

/** Finds a framework by name or alias, or returns `null`. */
export function findStack(name: string): StackRules | null {
  const key = name.trim().toLowerCase().replace(/[ _]/g, "-");
  const known = stackNames.find((one) => one === key || aliases[one]?.split(" ").includes(key));
  return known === undefined ? null : stackRules[known];
}

/** Rules of a training framework. */
export interface StackRules {
  readonly name: StackName;
  /** Display name. */
  readonly title: string;
  /** Bytes of an adapter parameter: float32, or the model's 16-bit format. */
  readonly adapterBytes: 2 | 4;
  /** Bytes of a weight in full fine-tuning: float32 with 16-bit copies, or 16 bits only. */
  readonly fullWeightBytes: 2 | 4;
  /** Bytes per value in products, and per frozen weight that is not quantized. */
  readonly computeBytes: 2 | 4;
  /** Whether unquantized parts are upcast to float32, and with them the residual stream. */
  readonly upcastsUnquantized: boolean;
  /** Whether autocast makes 16-bit copies of each product's input. */
  readonly autocast: boolean;
  /** Whether a norm saves a float32 copy of its input (eager), or the input itself (fused). */
  readonly norms: "eager" | "fused";
  /** Whether a gated feed-forward saves gate, activation and up (eager), or gate and up (fused). */
  readonly feedForward: "eager" | "fused";
  /** Whether an embedding that is tied to the head is stored once. */
  readonly tiesEmbeddings: boolean;
  /** Whether LoRA adapts the matrices of experts. */
  readonly adaptsExperts: boolean;
  /** Whether each adapter saves its own input, or adapters share it. */
  readonly adapterInputs: "each" | "shared";
  /** Whether keys and values are repeated for each query head before attention. */
  readonly repeatsKeys: boolean;
  /** Whether attention accepts grouped keys and values without repeating them, and without a mask. */
  readonly groupsKeys: boolean;
  /** Whether queries, keys and values are one product, whose output is saved entirely. */
  readonly mergesAttention: boolean;
  /** Whether a quantized product saves its input although no gradient needs it. */
  readonly quantizedKeepsInput: boolean;
  readonly loss: LossKind;
  /**
   * Logits that the caller holds during the backward pass: as returned by the model, or the float32 copy made by mixed
   * precision.
   */
  readonly heldLogits: "none" | "given" | "float32";
  /** Default rows of an evaluation batch; `null`: as in training. */
  readonly evaluationRows: number | null;
  /** Whether gradient checkpointing is on by default. */
  readonly checkpointing: boolean;
  /** Where the inputs of recomputed layers are stored. */
  readonly checkpointStore: "device" | "host";
  /** Whether the optimizer is fused; else it needs a temporary of the size of the trained values. */
  readonly fusedOptimizer: boolean;
  /** Whether each gradient is applied and released immediately (optimizer in backward). */
  readonly optimizerInBackward: boolean;
}

const huggingFace: StackRules = {
  name: "hf-trl",
  title: "Hugging Face Trainer or TRL with PEFT",
  adapterBytes: 4,
  fullWeightBytes: 4,
  computeBytes: 2,
  upcastsUnquantized: true,
  autocast: true,
  norms: "eager",
  feedForward: "eager",
  tiesEmbeddings: true,
  adaptsExperts: true,
  adapterInputs: "each",
  repeatsKeys: true,
  groupsKeys: false,
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
 * Frameworks by name. Each rule describes how the framework works; none was fitted to measurements.
 *
 * @source huggingface/transformers 5.24, huggingface/peft 0.21, huggingface/trl 1.16, Lightning-AI/litgpt 0.5,
 *   meta-pytorch/torchtune 0.6, bitsandbytes 0.41 and 0.50, hiyouga/LLaMA-Factory and unslothai/unsloth documentation;
 *   tensors saved by PyTorch's autograd were counted with bench/kept-tensors.py
 */
export const stackRules: Readonly<Record<StackName, StackRules>> = {
  worker: {
    ...huggingFace,
    name: "worker",
    title: "tunewise's worker on PyTorch",
    upcastsUnquantized: false,
    autocast: false,
    adaptsExperts: false,
    groupsKeys: true,
    // only logits of labelled tokens, at most 256 MB of them, recomputed in the backward pass
    loss: "fused",
    heldLogits: "none",
    evaluationRows: null,
    fusedOptimizer: true,
  },
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
    // its `GPT` has a separate head, which is tied only in pre-training
    tiesEmbeddings: false,
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
    // its loop holds the model's output until the step ends (train.py), and transformers 4.38 converted logits to
    // float32
    heldLogits: "float32",
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
