/** @file Keys of `method`, `training` and `guards`: what is trained, how, and the guards on the learning curves. */

import { lossNames, optimizerNames, scheduleNames } from "@tunewise/core/run";
import * as z from "zod";
import type { GuardsDraft, RecipeFile, SnakeKeys } from "./draft.ts";
import {
  below,
  choice,
  decimal,
  either,
  flag,
  integer,
  list,
  mapping,
  numbers,
  open,
  positive,
  set,
  text,
} from "./field.ts";

/**
 * The `method` section.
 *
 * @source defaults: Hu et al. 2021 (alpha / R scaling); Dettmers et al. 2023, section 4 (all linear layers)
 */
export const methodSection: z.ZodType<RecipeFile["method"]> = z.strictObject(
  {
    kind: set(
      choice(["lora", "qlora", "full"]),
      "lora",
      "lora: adapter on frozen weights · qlora: adapter on 4-bit weights · full: all weights.",
    ),
    rank: set(
      integer(1, 1024),
      16,
      "Rank of the adapter. A higher rank has more capacity and needs more memory.",
    ),
    alpha: open(
      positive(100_000),
      "Scaling factor: the update is scaled by alpha / rank. Default: twice the rank.",
    ),
    rslora: set(flag(), false, "Scale by alpha / sqrt(rank) instead, for ranks above 32."),
    dora: set(
      flag(),
      false,
      "DoRA: also train the magnitude of each row of the adapted weights. Worker only. Default: false.",
    ),
    rank_pattern: set(
      numbers(integer(1, 1024), "ranks by module, such as { down_proj: 32 }"),
      {},
      "Ranks of individual modules, by name or by a regular expression for the end of the name, like PEFT's rank_pattern. Worker only. Default: none.",
    ),
    alpha_pattern: set(
      numbers(integer(1, 100_000), "whole numbers by module, such as { down_proj: 64 }"),
      {},
      "Values of alpha of individual modules, like PEFT's alpha_pattern. Worker only. Default: none.",
    ),
    dropout: set(below(0, 1), 0, "Dropout on the adapter's inputs."),
    targets: set(
      either(
        choice(["all-linear"]),
        list(text("the name of a linear layer"), "names of linear layers"),
        "all-linear or a list of names",
      ),
      "all-linear",
      "Adapted layers: all-linear, or names such as [q_proj, v_proj].",
    ),
    double_quantization: set(flag(), true, "qlora: quantize the scales of the 4-bit blocks to 8 bits."),
    calibrate: set(
      flag(),
      false,
      "qlora: choose 4-bit codes that minimize the error on the training rows (GPTQ), instead of the nearest codes.",
    ),
    freeze: set(
      list(text("the name of a weight, or a pattern with *"), "names or patterns"),
      [],
      "full: frozen weights, such as [model.layers.0.*, model.embed_tokens.weight].",
    ),
  },
  mapping,
);

/**
 * The `training` section.
 *
 * @source defaults: AdamW betas and epsilon of Loshchilov and Hutter 2019
 */
export const trainingSection: z.ZodType<RecipeFile["training"]> = z.strictObject(
  {
    epochs: open(
      positive(10_000),
      "Passes over the training rows. Default: 3; more for small datasets, fewer for large ones.",
    ),
    steps: open(integer(1, 100_000_000), "Total optimizer steps; overrides `epochs`."),
    batch_size: set(integer(1, 4096), 8, "Rows per forward pass. Memory increases with it."),
    gradient_accumulation_steps: set(integer(1, 65_536), 1, "Forward passes per optimizer step."),
    loss: set(
      choice(lossNames),
      "nll",
      "nll: negative log-likelihood · dft: Dynamic Fine-Tuning, which weights each token by its probability. Validation losses are always nll. Default: nll.",
    ),
    learning_rate: open(
      positive(10),
      "Peak learning rate. Default: derived from the model's width, the method and the steps; `tunewise plan` shows it.",
    ),
    schedule: set(
      choice(scheduleNames),
      "cosine",
      "Learning rate schedule after the warmup. Default: cosine, to zero.",
    ),
    warmup: set(
      decimal(0, 10_000_000),
      0.05,
      "Warmup steps of the learning rate. Values below 1 are a share of all steps.",
    ),
    optimizer: set(
      choice(optimizerNames),
      "adamw",
      "Optimizer. 8-bit moments (bitsandbytes), optionally paged to host memory, are for the worker only. Default: adamw.",
    ),
    optimizer_state: set(
      choice(["memory", "disk"]),
      "memory",
      "Location of the optimizer's moments. disk saves 8 bytes of memory per trained value and is slower.",
    ),
    weight_decay: set(decimal(0, 10), 0, "Decoupled weight decay."),
    beta1: set(below(0, 1), 0.9, "Decay rate of AdamW's first moment; momentum of SGD."),
    beta2: set(below(0, 1), 0.999, "Decay rate of AdamW's second moment."),
    epsilon: set(
      positive(1),
      1e-8,
      "Added to the denominator of AdamW to avoid division by zero. Default: 1e-8.",
    ),
    max_grad_norm: set(decimal(0, 1e9), 1, "Maximum global norm of the gradient; 0: no clipping."),
    batching: set(
      choice(["shuffle", "length", "pack"]),
      "length",
      "shuffle: random batches · length: rows of similar length, less padding · pack: rows packed up to max_length.",
    ),
    seed: set(
      integer(0, 4_294_967_295),
      17,
      "Random seed. The same recipe, data and seed reproduce a run bit for bit.",
    ),
    evaluate_every: open(integer(1, 100_000_000), "Steps between evaluations. Default: once per epoch."),
    checkpoint_every: open(
      integer(1, 100_000_000),
      "Steps between checkpoints. Default: at each evaluation.",
    ),
    checkpoint_selection: open(
      choice(["best", "last", "best-tradeoff"]),
      "Checkpoint that becomes the result: lowest validation loss, the last, or the best trade-off between gain and forgetting. Default: best, or last without validation rows.",
    ),
    precision: set(
      choice(["auto", "bf16", "fp32"]),
      "auto",
      "Precision of matrix multiplication; accumulation is in float32. Default: auto, the faster one as measured on this machine, or as the GPU supports it.",
    ),
    master_dtype: set(
      choice(["auto", "float32", "bfloat16"]),
      "auto",
      "full: format of trained weights, gradients and moments. bfloat16 halves their memory but loses small updates; worker only. Default: auto, float32 in tunewise, otherwise as the framework does.",
    ),
    gradient_checkpointing: set(
      choice(["auto", "none", "layer"]),
      "auto",
      "none: store activations (fastest) · layer: recompute each layer (lowest memory). Default: auto, by sequence length.",
    ),
  },
  mapping,
);

/** The section before dependent defaults. */
type GuardsFile = SnakeKeys<GuardsDraft>;

const words = ["off", "warn", "stop"] as const;
const word = choice([...words]);

const section: z.ZodType<GuardsFile> = z.strictObject(
  {
    divergence: set(
      choice(["off", "warn", "stop", "roll-back"]),
      "roll-back",
      "Loss that is not a number, or has risen without recovering. roll-back returns once to the last good checkpoint with a fifth of the learning rate, then stops.",
    ),
    no_progress: set(word, "warn", "Training loss that does not decrease."),
    overfitting: set(
      word,
      "warn",
      "Validation loss that increases beyond its noise while the training loss decreases.",
    ),
    futility: open(
      word,
      "Chance below 5 % of beating `target`, or the best run on the same rows. Default: stop with a `target`, otherwise warn.",
    ),
    plateau: set(word, "warn", "Validation loss that no longer decreases."),
    leakage_suspected: set(word, "warn", "Implausibly low validation loss, a sign of leakage."),
    gradients: set(word, "warn", "Gradients or steps outside the usual range."),
    target: open(
      positive(1000),
      "Validation loss to beat, in nats per token. Default: none; runs are compared with the best one on the same rows.",
    ),
  },
  mapping,
);

/** The `guards` section, or one word for all guards. */
export const guardsSection: z.ZodType<RecipeFile["guards"]> = either(
  word,
  section,
  "off, warn, stop, or a section with guards' names",
);
