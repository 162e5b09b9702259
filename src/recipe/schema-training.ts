/** @file Keys of `method`, `training` and `guards`: what is trained, how, and the guards on the learning curves. */
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
  open,
  positive,
  set,
  text,
} from "./field.ts";

/** Linear layers of the supported model families; `all-linear` means all of them. */
const projection = choice([
  ...["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
  ...["qkv_proj", "gate_up_proj", "dense", "fc1", "fc2", "c_fc", "c_proj"],
  ...["query_key_value", "dense_h_to_4h", "dense_4h_to_h"],
]);

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
      "lora: small updates beside the weights · qlora: the same beside weights in 4 bits · full: all weights. Default: lora.",
    ),
    rank: set(
      integer(1, 1024),
      16,
      "R, the rank of each update: more holds more, and costs memory. Default: 16.",
    ),
    alpha: open(
      positive(100_000),
      "Strength: the update is scaled by alpha / rank. Default: twice the rank.",
    ),
    rslora: set(
      flag(),
      false,
      "Scale by alpha / sqrt(rank) instead, which suits ranks above 32. Default: false.",
    ),
    dropout: set(below(0, 1), 0, "Share of the adapter's inputs zeroed at random in training. Default: 0."),
    targets: set(
      either(
        choice(["all-linear"]),
        list(projection, "projection names"),
        "all-linear or a list of projection names",
      ),
      "all-linear",
      "Layers that are adapted: all-linear, or names such as [q_proj, v_proj]. Default: all-linear.",
    ),
    double_quantization: set(
      flag(),
      true,
      "qlora: the scales of the 4-bit blocks are stored in 8 bits themselves. Default: true.",
    ),
    calibrate: set(
      flag(),
      false,
      "qlora: 4-bit codes make up for each other's errors on the training rows, in place of each being the nearest. Default: false.",
    ),
    freeze: set(
      list(text("the name of a weight, or a pattern with *"), "names or patterns"),
      [],
      "full: weights that stay as they are, such as [model.layers.0.*, model.embed_tokens.weight]. Default: none.",
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
      "Passes over the training rows. Default: 3, more for few rows, fewer for many.",
    ),
    steps: open(integer(1, 100_000_000), "Optimizer steps in all; takes the place of `epochs`."),
    batch_size: set(integer(1, 4096), 8, "Rows per forward pass. Memory grows with it. Default: 8."),
    accumulation: set(
      integer(1, 65_536),
      1,
      "Forward passes per optimizer step; equals a batch so many times larger. Default: 1.",
    ),
    learning_rate: open(
      positive(10),
      "Size of a step. Default: from the model's width, the method and the number of steps; `tunewise plan` says it.",
    ),
    schedule: set(
      choice(["constant", "linear", "cosine"]),
      "cosine",
      "How the learning rate falls after the warm-up. Default: cosine, to zero.",
    ),
    warmup: set(
      decimal(0, 10_000_000),
      0.05,
      "Steps of rising learning rate; below 1 a share of all steps. Default: 0.05.",
    ),
    optimizer: set(choice(["adamw", "sgd"]), "adamw", "Default: adamw."),
    optimizer_state: set(
      choice(["memory", "disk"]),
      "memory",
      "Where the optimizer's moments lie: disk saves 8 bytes for each trained value, and costs time. Default: memory.",
    ),
    weight_decay: set(decimal(0, 10), 0, "Pull of the adapter towards zero. Default: 0."),
    beta1: set(below(0, 1), 0.9, "Decay of AdamW's mean; momentum of SGD. Default: 0.9."),
    beta2: set(below(0, 1), 0.999, "Decay of AdamW's mean square. Default: 0.999."),
    epsilon: set(positive(1), 1e-8, "Keeps AdamW from dividing by zero. Default: 1e-8."),
    clip_norm: set(decimal(0, 1e9), 1, "Longest gradient, as a global norm; 0 means no limit. Default: 1."),
    batching: set(
      choice(["shuffle", "length", "pack"]),
      "length",
      "shuffle: rows as they come · length: rows of like length together, less padding · pack: rows joined up to max_length. Default: length.",
    ),
    seed: set(
      integer(0, 4_294_967_295),
      17,
      "Same recipe, data and seed: same run, to the bit. Default: 17.",
    ),
    evaluate_every: open(
      integer(1, 100_000_000),
      "Steps between looks at the validation loss. Default: once per epoch.",
    ),
    checkpoint_every: open(
      integer(1, 100_000_000),
      "Steps between checkpoints. Default: with each evaluation.",
    ),
    keep: open(
      choice(["best", "last", "best-tradeoff"]),
      "Which checkpoint is the result: lowest validation loss, the last, or gain against forgetting. Default: best, or last without validation rows.",
    ),
    recompute: set(
      choice(["auto", "none", "layer"]),
      "auto",
      "none keeps activations (fastest), layer recomputes each layer (least memory). Default: auto, by length.",
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
      "A loss that is no number, or that went up and stayed there: roll-back goes to the last good checkpoint once, with a fifth of the rate, and then stops. Default: roll-back.",
    ),
    learning: set(word, "warn", "A training loss that does not move or does not fall. Default: warn."),
    overfitting: set(
      word,
      "warn",
      "A validation loss that rises beyond its noise while the training loss falls. Default: warn.",
    ),
    doomed: open(
      word,
      "A chance below 5 % to beat `target`, or else the best run on the same rows. Default: stop where there is a `target`, else warn.",
    ),
    plateau: set(word, "warn", "A validation loss that has stopped falling. Default: warn."),
    too_good: set(
      word,
      "warn",
      "Validation rows that are answered better than can be: a sign of a leak. Default: warn.",
    ),
    gradients: set(word, "warn", "Gradients and steps out of the usual range. Default: warn."),
    target: open(
      positive(1000),
      "Validation loss to beat, in nats per token. Default: none, and the best run on the same rows is what a run is compared with.",
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
