/** @file Keys of `plan`: assumptions of a plan beyond the training run itself. */

import { optimizerNames } from "@tunewise/core/run";
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import { below, choice, decimal, flag, integer, list, mapping, open, positive, set, text } from "./field.ts";

/**
 * The `plan` section.
 *
 * @source planning reference, section 6: budgets tend to omit seeds, search, failures and retraining; the defaults are
 *   assumptions and shown as such
 */
export const planSection: z.ZodType<RecipeFile["plan"]> = z.strictObject(
  {
    stack: set(
      text("the name of a training program, such as hf-trl"),
      "worker",
      "Training framework on rented machines: worker (tunewise run --on), hf-trl, hf-liger, axolotl, unsloth, llama-factory, litgpt or torchtune.",
    ),
    compile: open(flag(), "Whether the framework compiles the model. Default: as the framework does."),
    fused_loss: open(
      flag(),
      "Fused cross-entropy without materialized logits. Default: as the framework does.",
    ),
    optimizer: open(choice(optimizerNames), "Optimizer on rented machines. Default: training.optimizer."),
    sharding: set(
      choice(["auto", "none", "zero-1", "zero-2", "zero-3", "fsdp"]),
      "auto",
      "Sharding over several GPUs. Default: auto, replicated if it fits in memory, otherwise fsdp.",
    ),
    offload: set(choice(["none", "optimizer", "all"]), "none", "States to offload to host memory."),
    gpus: set(
      list(text("a device"), "device names"),
      [],
      "Devices to consider, such as [L4, A100-80GB]. Default: all.",
    ),
    providers: set(list(text("a provider"), "provider names"), [], "Providers to consider. Default: all."),
    regions: set(list(text("a region"), "region names"), [], "Regions to consider. Default: all."),
    spot: set(flag(), true, "Consider spot machines."),
    prices: open(text("a file"), "Custom price file. Default: prices.yaml beside the recipe, if it exists."),
    deadline_hours: set(
      positive(100_000),
      72,
      "Slower machines are not recommended if another one meets the deadline.",
    ),
    cost_of_delay_usd_per_hour: set(
      decimal(0, 100_000),
      1,
      "Cost of waiting, in dollars per hour. The recommended machine minimizes price plus cost of waiting; 0: the cheapest.",
    ),
    tokens_per_second: open(
      positive(1e9),
      "Measured tokens per second of one GPU; overrides the estimate. Default: none.",
    ),
    seeds: set(integer(1, 1_000), 1, "Number of final runs with different seeds."),
    trials: set(integer(0, 100_000), 0, "Trials of a hyperparameter search before the final runs."),
    trial_share: set(
      positive(1),
      0.4,
      "Average share of the steps that a trial trains before it is stopped.",
    ),
    failure_rate: set(below(0, 0.95), 0.1, "Share of runs that fail and restart."),
    smoke_steps: set(integer(0, 1_000_000), 20, "Steps of a smoke test."),
    retrains_per_year: set(decimal(0, 1_000), 0, "Retrainings in the first year."),
    data_usd: set(decimal(0, 1e9), 0, "Cost of collecting and labeling data, in dollars."),
    storage_months: set(decimal(0, 1_200), 1, "Months of checkpoint storage."),
    storage_usd_per_gb_month: set(
      decimal(0, 1_000),
      0.023,
      "Storage price. Default: 0.023, the list price of S3 Standard in us-east-1.",
    ),
    hosting_months: set(decimal(0, 1_200), 0, "Months of hosting the result."),
    hosting_usd_per_hour: set(decimal(0, 100_000), 0, "Hourly price of the hosting machine."),
    baselines: set(flag(), true, "Include the cost of comparing prompting and larger models first."),
    gain: open(below(0, 1), "Expected gain in accuracy; 0.05 is 5 points. Default: unknown."),
    outcomes: set(integer(100, 1_000_000), 10_000, "Number of simulated outcomes."),
    seed: set(integer(0, 4_294_967_295), 17, "Seed of the simulation."),
  },
  mapping,
);
