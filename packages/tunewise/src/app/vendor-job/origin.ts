/** @file What a vendor's job did and what carries over, as sentences for the recipe and the terminal. */
import { basename } from "node:path";
import { countText, type Usd, usdText } from "@tunewise/core/quantity";
import type { TrainingOffer } from "../../catalog/index.ts";
import type { JobAtHome } from "./fetch-job.ts";
import type { Setting, VendorJob } from "./job.ts";

/** Where a recipe comes from. */
export interface RecipeOrigin {
  /** Comments at the top of the recipe. */
  readonly lines: readonly string[];
  /** Warnings for the terminal. */
  readonly notes: readonly string[];
  /** The command that follows. */
  readonly next: string;
}

/** Price of the training, if a list has it. */
export interface PaidTraining {
  readonly usd: Usd;
  readonly source: string;
}

/** Looks up what the tokens of a job cost; `null`: no list has a price for this base. */
export function paidTraining(job: VendorJob, offers: readonly TrainingOffer[]): PaidTraining | null {
  const offer = offers.find(({ isNamedModel, name }) => isNamedModel && name === job.base);
  if (offer === undefined || job.trainedTokens === null) return null;
  const { name, asOf, readOn } = offer.source;
  const day = asOf ?? readOn;
  return {
    usd: ((job.trainedTokens / 1e6) * offer.usdPerMillionTokens) as Usd,
    source: `${name}${day === null || day === undefined ? "" : `, ${day}`}, ${offer.quality}`,
  };
}

/**
 * Describes the origin.
 *
 * @param today ISO date
 */
export function describeOrigin(
  home: JobAtHome,
  paid: PaidTraining | null,
  vendor: string,
  today: string,
): RecipeOrigin {
  const { job, test, endsOn } = home;
  const model = job.tuned ?? job.base;
  const made = job.createdAt === null ? "" : ` of ${job.createdAt.toISOString().slice(0, 10)}`;
  const isAlive = job.tuned !== null && (endsOn === null || endsOn >= today);
  return {
    lines: [
      `Brought home from ${vendor}: job ${job.id}${made}, which tuned ${job.base}`,
      ...(job.tuned === null ? [] : [`into ${job.tuned}.`]),
      `There: ${settingsText(job)}.`,
      tokensText(job, paid),
      ...lossText(home),
      "Carries over: the rows with their weights, tools and calls. Does not: epochs, batch size and learning rate, which",
      "follow from the model trained here; the vendor states them relative to settings of its own.",
      test === null
        ? "The vendor's model was trained on all of these rows, so its answers to the test rows below flatter it."
        : `${basename(test)} is the job's validation file, which the vendor's model was not trained on.`,
    ],
    notes: notesOf(home, isAlive, today),
    next: isAlive ? freezeCommand(model, test !== null) : "tunewise check",
  };
}

function settingsText(job: VendorJob): string {
  const part = (name: string, value: Setting | number): string | null =>
    value === null ? null : value === "auto" ? `${name} chosen by the vendor` : `${name} ${value}`;
  const methods = {
    supervised: "supervised",
    dpo: "DPO on preference pairs",
    reinforcement: "reinforcement",
  };
  return [
    methods[job.method],
    part("epochs", job.epochs),
    part("batch size", job.batchSize),
    part("learning-rate multiplier", job.learningRateMultiplier),
    part("seed", job.seed),
  ]
    .filter((one) => one !== null)
    .join(", ");
}

function tokensText({ trainedTokens }: VendorJob, paid: PaidTraining | null): string {
  if (trainedTokens === null) return "The tokens that were billed are not stated.";
  const price =
    paid === null ? "no price list in use has its price" : `${usdText(paid.usd)} (${paid.source})`;
  return `Billed: ${countText(trainedTokens)} tokens, ${price}.`;
}

function lossText({ losses }: JobAtHome): string[] {
  const { training = null, validation = null } = losses ?? {};
  const parts = [
    training === null ? null : `${training.toFixed(3)} on training rows`,
    validation === null ? null : `${validation.toFixed(3)} on validation rows`,
  ].filter((one) => one !== null);
  return parts.length === 0 ? [] : [`Last loss: ${parts.join(", ")}, by the vendor's own tokenizer.`];
}

function notesOf({ job, test, endsOn }: JobAtHome, isAlive: boolean, today: string): string[] {
  const days = endsOn === null ? null : Math.round((Date.parse(endsOn) - Date.parse(today)) / 86_400_000);
  const model = job.tuned ?? job.base;
  const end =
    days === null || job.tuned === null
      ? []
      : [
          isAlive
            ? `${model} stops answering on ${endsOn}, in ${days} days: freeze its answers before`
            : `${model} stopped answering on ${endsOn}; only answers that were frozen or recorded can be compared`,
        ];
  const flattered =
    test === null && isAlive
      ? [
          `the job had no validation file, so ${model} has seen every row: freeze new questions or recorded calls`,
        ]
      : [];
  const pairs =
    job.method === "dpo"
      ? [
          "the job trained on preference pairs, which is not available here: the preferred answers are imitated (SFT)",
        ]
      : [];
  const rewards =
    job.method === "reinforcement"
      ? [
          "the job was trained with a grader, which does not carry over: rows without answers cannot be trained here",
        ]
      : [];
  return [...end, ...flattered, ...pairs, ...rewards];
}

function freezeCommand(model: string, hasTest: boolean): string {
  return `tunewise freeze ${model} ${hasTest ? "" : "--prompts prompts.jsonl "}--budget 5usd`;
}
