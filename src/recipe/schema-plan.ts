/** @file Keys of `plan`: assumptions of a plan beyond the training run itself. */
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
      "hf-trl",
      "Training program on rented machines: hf-trl, hf-liger, axolotl, unsloth, llama-factory, litgpt, torchtune. Default: hf-trl.",
    ),
    compile: open(flag(), "The program compiles its layers. Default: as the program does."),
    fused_loss: open(
      flag(),
      "Head and loss in one kernel, without a table of logits. Default: as the program does.",
    ),
    optimizer: open(
      choice(["adamw", "adamw-8bit", "paged-adamw-8bit"]),
      "Optimizer on rented machines. Default: training.optimizer.",
    ),
    sharding: set(
      choice(["auto", "none", "zero-1", "zero-2", "zero-3", "fsdp"]),
      "auto",
      "How states are spread over several GPUs. Default: auto, replicated if they fit, else fsdp.",
    ),
    offload: set(
      choice(["none", "optimizer", "all"]),
      "none",
      "States kept in the host's memory. Default: none.",
    ),
    gpus: set(
      list(text("a device"), "device names"),
      [],
      "Devices to look at, such as [L4, A100-80GB]. Default: all.",
    ),
    providers: set(list(text("a provider"), "provider names"), [], "Providers to look at. Default: all."),
    regions: set(list(text("a region"), "region names"), [], "Regions to look at. Default: all."),
    spot: set(flag(), true, "Look at machines that may be taken away, too. Default: true."),
    prices: open(
      text("a file"),
      "Price file of your own. Default: prices.yaml beside the recipe, if it is there.",
    ),
    deadline_hours: set(
      positive(100_000),
      72,
      "A place where one run takes longer is not recommended while another is quicker. Default: 72.",
    ),
    cost_of_delay_usd_per_hour: set(
      decimal(0, 100_000),
      1,
      "What an hour of waiting for the result is worth, in dollars. Of the places that fit the one with the lowest cost plus waiting is recommended; 0 takes the cheapest. Default: 1.",
    ),
    tokens_per_second: open(
      positive(1e9),
      "Measured speed of one GPU with this recipe; takes the place of the estimate. Default: none.",
    ),
    seeds: set(integer(1, 1_000), 1, "Runs of the final setting with different seeds. Default: 1."),
    trials: set(integer(0, 100_000), 0, "Runs of a search for settings before it. Default: 0."),
    trial_share: set(positive(1), 0.4, "Share of a trial that runs before it is stopped. Default: 0.4."),
    failure_rate: set(below(0, 0.95), 0.1, "Share of runs that break and start again. Default: 0.1."),
    smoke_steps: set(integer(0, 1_000_000), 20, "Steps of a short first run. Default: 20."),
    retrains_per_year: set(decimal(0, 1_000), 0, "Retrainings in the first year. Default: 0."),
    data_usd: set(decimal(0, 1e9), 0, "Collecting and labeling data, in dollars. Default: 0."),
    storage_months: set(decimal(0, 1_200), 1, "Months that checkpoints are stored. Default: 1."),
    storage_usd_per_gb_month: set(
      decimal(0, 1_000),
      0.023,
      "Price of storage. Default: 0.023, the list price of S3 Standard in us-east-1.",
    ),
    hosting_months: set(decimal(0, 1_200), 0, "Months that the result is served. Default: 0."),
    hosting_usd_per_hour: set(decimal(0, 100_000), 0, "Price of the machine that serves it. Default: 0."),
    baselines: set(
      flag(),
      true,
      "Try prompting and larger models first, and count their price. Default: true.",
    ),
    gain: open(
      below(0, 1),
      "Gain hoped for, as a share of right answers: 0.05 is five points. Default: not said.",
    ),
    outcomes: set(integer(100, 1_000_000), 10_000, "Outcomes that are simulated. Default: 10000."),
    seed: set(integer(0, 4_294_967_295), 17, "Where the simulation's chance starts. Default: 17."),
  },
  mapping,
);
