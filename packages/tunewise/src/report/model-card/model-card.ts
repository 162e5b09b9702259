/**
 * @file The model card of an export: `README.md` with base, data hash, scores, forgetting, cost and limits.
 *
 * A card is published with its model, so it contains no row, no answer and no path of this machine.
 *
 * @source huggingface.co/docs/hub/model-cards (metadata)
 */
import { seconds, secondsText, usd, usdText } from "@tunewise/core/quantity";
import { metricKinds } from "../../evaluate/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import { type Block, type Document, list, rows, section, sections, sentence } from "../document/document.ts";
import { documentMarkdown } from "../document/markdown.ts";
import { table } from "../document/table.ts";
import { intervalText, lossText, percent, scoreText, wholeText } from "../figure-text.ts";

/** A score as a card shows it. */
export interface CardScore {
  /** `base`, `tuned`, or an answer without a model. */
  readonly arm: string;
  readonly metric: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number;
}

type Measured = number | null | undefined;

/** Forgetting as a card shows it, named as in a run's summary; absent values were not measured. */
export interface CardForgetting {
  readonly verdict: string;
  readonly perplexity_base?: Measured;
  readonly perplexity_tuned?: Measured;
  readonly task_base?: Measured;
  readonly task_tuned?: Measured;
  readonly kl?: Measured;
  readonly regression_prompts_passed_before?: Measured;
  readonly regression_prompts_passed_after?: Measured;
}

/** Everything on a card. */
export interface ShownModelCard {
  readonly name: string;
  readonly runId: string;
  readonly format: string;
  readonly dtype: string;
  /** Hub id; `null` for a model of this machine. */
  readonly base: string | null;
  readonly revision: string;
  /** ISO instant. */
  readonly endedAt: string;
  readonly version: string;
  /** SHA-256 of the rows. */
  readonly dataFingerprint: string;
  /** The verdict in a few words. */
  readonly verdict: string | null;
  readonly scores: readonly CardScore[];
  /** Test rows that also appear in training. */
  readonly seenRows: number;
  readonly forgetting: CardForgetting | null;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
  /** Sentences on differences between export and trained model. */
  readonly notes: readonly string[];
}

/** Names of libraries on the hub, by format. */
const libraries: Readonly<Record<string, string>> = {
  peft: "peft",
  merged: "transformers",
  mlx: "mlx",
  onnx: "transformers.js",
};

/** The card as Markdown with metadata. Texts are escaped. */
export function modelCard(shown: ShownModelCard): string {
  return `${metadata(shown)}\n${documentMarkdown(cardDocument(shown))}`;
}

/** JSON strings are valid YAML. */
function metadata({ base, format }: ShownModelCard): string {
  const library = libraries[format];
  const lines = [
    ...(base === null ? [] : [`base_model: ${JSON.stringify(base)}`]),
    ...(base !== null && format === "peft" ? ["base_model_relation: adapter"] : []),
    ...(library === undefined ? [] : [`library_name: ${library}`]),
    "pipeline_tag: text-generation",
    "tags: [tunewise, fine-tuned]",
  ];
  return `---\n${lines.join("\n")}\n---\n`;
}

function cardDocument(shown: ShownModelCard): Document {
  const { name, base, revision, runId, version, format, dtype, endedAt } = shown;
  const model = base === null ? "a base model" : base;
  return {
    name,
    about: `Run ${runId} of ${model} (${revision}), ${endedAt.slice(0, 10)}, tunewise ${version}`,
    verdict: {
      title: shown.verdict ?? "not judged",
      sentence: `A fine-tune of ${model}, exported as ${format} in ${dtype}.`,
      tone: "plain",
    },
    action: null,
    tiles: [],
    sections: sections(
      section("Data", sentence(`Hash of the rows, independent of their order: ${shown.dataFingerprint}.`)),
      section("Scores on test rows", scoreBlock(shown.scores)),
      section("Forgetting", ...forgettingBlocks(shown.forgetting)),
      section("Cost", sentence(costText(shown))),
      section("Limits", list(limitsOf(shown))),
    ),
    folded: [],
  };
}

function scoreBlock(scores: readonly CardScore[]): Block {
  if (scores.length === 0) return sentence("The run has no test rows, so nothing was scored.");
  const known = scores.filter((one): one is CardScore & { metric: MetricName } =>
    Object.hasOwn(metricKinds, one.metric),
  );
  const order = (arm: string): number => ["tuned", "base"].indexOf(arm) >>> 0; // others last
  const sorted = [...known].sort((a, b) => a.metric.localeCompare(b.metric) || order(a.arm) - order(b.arm));
  const titles = ["metric", "answers of", "#score", "#95 % interval", "#rows"];
  return rows(
    table(
      titles,
      sorted.map(({ metric, arm, value, low, high, rows: count }) => [
        metricKinds[metric].title,
        arms[arm] ?? arm,
        scoreText(metric, value),
        low === null || high === null ? "" : intervalText(metric, { low, high }),
        wholeText(count),
      ]),
    ),
  );
}

const arms: Readonly<Record<string, string>> = {
  tuned: "this model",
  base: "its base",
  majority: "always the most frequent answer",
  neighbour: "the most similar training row",
  prompt: "the prompt, copied",
};

const verdicts: Readonly<Record<string, string>> = {
  pass: "Nothing measured was forgotten beyond the limits.",
  fail: "Abilities were forgotten beyond the limits.",
  "cannot-tell": "Whether something was forgotten cannot be told.",
};

function forgettingBlocks(forgetting: CardForgetting | null): Block[] {
  if (forgetting === null) return [sentence("Not measured.")];
  const pair = (
    title: string,
    base: Measured,
    tuned: Measured,
    text: (value: number) => string,
  ): string[][] => (base == null || tuned == null ? [] : [[title, text(base), text(tuned)]]);
  const share = (value: number): string => `${percent(value)} %`;
  const { perplexity_base, perplexity_tuned, task_base, task_tuned, kl } = forgetting;
  const { regression_prompts_passed_before: before, regression_prompts_passed_after: after } = forgetting;
  const measures = [
    ...pair("perplexity of general text", perplexity_base, perplexity_tuned, lossText),
    ...pair("right answers to general questions", task_base, task_tuned, share),
    ...pair("regression prompts that pass", before, after, wholeText),
    ...pair("divergence of answers, nats", 0, kl, (value) => (value === 0 ? "0" : value.toPrecision(2))),
  ];
  const verdict = verdicts[forgetting.verdict] ?? "";
  return [sentence(verdict), rows(table(["measure", "#base", "#this model"], measures))];
}

function costText({ wallSeconds, spentMicroUsd }: ShownModelCard): string {
  const time = secondsText(seconds(wallSeconds));
  return spentMicroUsd === 0
    ? `${time}, on a machine without a price.`
    : `${usdText(usd(spentMicroUsd / 1e6))} in ${time}.`;
}

function limitsOf({ seenRows, notes, scores }: ShownModelCard): string[] {
  const count = Math.max(0, ...scores.map(({ rows: scored }) => scored));
  return [
    ...(count > 0
      ? [`Scores hold for rows like the ${wholeText(count)} test rows; other tasks were not measured.`]
      : []),
    ...(seenRows > 0 ? [`${wholeText(seenRows)} test rows also appear in training in some form.`] : []),
    ...notes.map((note) => `${note}.`),
    "Licenses of the base model and of the data apply; tunewise does not know them.",
    "Another program may build prompts differently: tunewise model verify compares it with the run.",
  ];
}
