/**
 * @file The plan as one screen: what it trains, where it may run, what it takes, what all of it costs.
 */
import type { Plan } from "../../../plan/index.ts";
import { countText, secondsText } from "../../../quantity/index.ts";
import { tableText, wrap } from "../table.ts";
import { choiceLine } from "./choice-line.ts";
import { memoryLines } from "./memory-lines.ts";
import { budgetLine, firstLine, moneyLines } from "./money-lines.ts";
import { type PlacesShown, placeRows } from "./place-rows.ts";

/** The card as text lines. */
export function planCard(plan: Plan, shown: PlacesShown = "few"): string {
  const rows = [
    ["model", modelLine(plan)],
    ["data", dataLine(plan)],
    ["steps", stepsLine(plan)],
    ["derived", derivedLine(plan)],
  ].filter(([, text]) => text !== "");
  const below = [
    ["choice", choiceLine(plan)],
    ...memoryLines(plan),
    ["time", timeLine(plan)],
    ...moneyLines(plan),
    ["first", firstLine(plan)],
    ["budget", budgetLine(plan)],
  ].filter(([, text]) => text !== "");
  const heads = [
    "",
    "where",
    "fits",
    "memory per device",
    "one run takes",
    "one run costs",
    "total P50 (P90)",
    "fits for certain with",
  ];
  const places = tableText(
    heads.map((head) => ({ head })),
    placeRows(plan, shown),
  );
  return [factsText(rows), places, factsText(below)].join("\n\n");
}

/** Columns of a fact; longer ones go on below themselves. */
const factColumns = 112;

/** Names and facts in two columns. */
function factsText(facts: readonly (readonly string[])[]): string {
  const lines = facts.flatMap(([name = "", fact = ""]) =>
    wrap(fact, factColumns).map((line, at) => [at === 0 ? name : "", line]),
  );
  return tableText([{ head: "" }, { head: "" }], lines);
}

function modelLine({ model }: Plan): string {
  const share = (100 * model.trainedParameters) / model.parameters;
  const what = { lora: "LoRA", qlora: "QLoRA", full: "full fine-tuning" }[model.method];
  const rank = model.method === "full" ? "" : ` rank ${model.rank}`;
  const trained = `${countText(model.trainedParameters)} of ${countText(model.parameters)} parameters trained`;
  return `${model.source} (${model.family}), ${what}${rank}, ${trained} (${share.toFixed(1)} %)`;
}

function dataLine({ data }: Plan): string {
  return [
    `${data.trainRows} training, ${data.validationRows} validation, ${data.testRows} test rows`,
    `${countText(data.tokensPerEpoch)} tokens an epoch, ${countText(data.labelledTokensPerEpoch)} of them with loss`,
    `longest row ${data.longestTokens}`,
  ].join("; ");
}

function stepsLine({ schedule }: Plan): string {
  const epochs = Number(schedule.epochs.toFixed(2));
  return `${schedule.steps} (${epochs} ${epochs === 1 ? "epoch" : "epochs"}), ${countText(schedule.tokens)} tokens`;
}

/** Settings that the recipe leaves out. */
function derivedLine({ settings }: Plan): string {
  return settings
    .map(({ key, value, reason }) => `${key.replace(/^training\./, "")} ${value} (${reason})`)
    .join("; ");
}

function timeLine({ time, places }: Plan): string {
  if (places[0]?.fits === "no") return "";
  const parts = time.parts.map(({ name, seconds }) => `${name} ${secondsText(seconds.expected)}`);
  const origin = time.isProbed ? "; from a probe" : "";
  return `here: ${parts.join(", ")}${origin}`;
}
