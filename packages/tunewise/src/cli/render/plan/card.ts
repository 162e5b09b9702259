/** @file The plan as one screen and as Markdown: model, data, placements, time, memory and cost. */

import { countOf, countText, secondsText } from "@tunewise/core/quantity";
import type { Plan } from "../../../plan/index.ts";
import { escapeMarkdown, markdownTable, table } from "../../../report/index.ts";
import { type Column, fittedTable, keyValueText, usualColumns } from "../table.ts";
import {
  budgetLine,
  choiceLine,
  chosenPlace,
  firstLine,
  groundsLine,
  memoryLines,
  moneyLines,
  precisionLine,
  searchLine,
} from "./lines.ts";
import { type PlacesShown, placeRows } from "./place-rows.ts";

/** Maximum width of a line on any terminal, since longer lines are hard to read. */
const widestFact = 120;

/** The card as text lines within `columns`. */
export function planCard(plan: Plan, shown: PlacesShown = "few", columns: number = usualColumns): string {
  const wide = Math.min(columns, widestFact);
  const rows = [
    ["model", modelLine(plan)],
    ["data", dataLine(plan)],
    ["steps", stepsLine(plan)],
    ["derived", derivedLine(plan)],
  ].filter(([, text]) => text !== "");
  const below = [
    ["choice", choiceLine(plan)],
    ...memoryLines(plan),
    ["from", groundsLine(plan)],
    ["time", timeLine(plan)],
    ["", calibrationLine(plan)],
    ["precision", precisionLine(plan)],
    ...moneyLines(plan),
    ["first", firstLine(plan)],
    ["search", searchLine(plan)],
    ["budget", budgetLine(plan)],
  ].filter(([, text]) => text !== "");
  const places = placesTable(plan, shown, columns);
  return [keyValueText(rows, wide), places, keyValueText(below, wide)].join("\n\n");
}

/** The plan as a Markdown section for a pull request. */
export function planMarkdown(plan: Plan): string {
  const { model, schedule, data } = plan;
  const place = chosenPlace(plan);
  const lines = [
    ["choice", choiceLine(plan)],
    ...memoryLines(plan),
    ["from", groundsLine(plan)],
    ...moneyLines(plan),
    ["first", firstLine(plan)],
    ["search", searchLine(plan)],
    ["budget", budgetLine(plan)],
  ];
  const rows = placeRows(plan, "few").map((row) => row.map((text) => (text === ">" ? "best" : text.trim())));
  const best = place ? `; recommended: ${escapeMarkdown(place.name)}` : "";
  const size = `${countOf(schedule.steps, "step")} over ${countOf(data.trainRows, "row")}`;
  return [
    `### Plan for ${escapeMarkdown(plan.name)}`,
    "",
    `\`${escapeMarkdown(model.source)}\`, ${model.method}, ${size}${best}.`,
    "",
    markdownTable(
      table(
        placeHeads.map((head) => [head].flat()[0] as string),
        rows,
      ),
    ),
    "",
    ...lines.flatMap(([name, text]) =>
      text ? [`- ${name ? `**${name}** ` : ""}${escapeMarkdown(text)}`] : [],
    ),
  ].join("\n");
}

const placeHeads: readonly Column[] = [
  ...["", "where", "fits"],
  ["memory per device", 2],
  ...["one run takes", "one run costs"],
  ["total P50 (P90)", 3],
  ["fits for certain with", 4],
];

/** The placements as a table within `columns`. */
export function placesTable(plan: Plan, shown: PlacesShown, columns: number): string {
  return fittedTable(placeHeads, placeRows(plan, shown), columns);
}

/** The model and the trained weights. */
export function modelLine({ model }: Plan): string {
  const share = (100 * model.trainedParameters) / model.parameters;
  const what = { lora: "LoRA", qlora: "QLoRA", full: "full fine-tuning" }[model.method];
  const rank = model.method === "full" ? "" : ` rank ${model.rank}`;
  const experts =
    model.activeParameters === undefined ? "" : ` (${countText(model.activeParameters)} active)`;
  const trained = `${countText(model.trainedParameters)} of ${countText(model.parameters)} parameters${experts} trained`;
  return `${model.source} (${model.family}), ${what}${rank}, ${trained} (${share.toFixed(1)} %)`;
}

/** Rows and tokens. */
export function dataLine({ data }: Plan): string {
  return [
    `${data.trainRows} training, ${data.validationRows} validation, ${data.testRows} test rows`,
    `${countText(data.tokensPerEpoch)} tokens an epoch, ${countText(data.labelledTokensPerEpoch)} of them with loss`,
    `longest row ${data.longestTokens}`,
  ].join("; ");
}

/** Optimizer steps. */
export function stepsLine({ schedule }: Plan): string {
  const epochs = Number(schedule.epochs.toFixed(2));
  return `${schedule.steps} (${epochs} ${epochs === 1 ? "epoch" : "epochs"}), ${countText(schedule.tokens)} tokens`;
}

/** Derived settings that the recipe omits. */
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

/** Calibration of this machine's times and memory by finished runs. */
function calibrationLine({ calibration, places }: Plan): string {
  if (!calibration || places[0]?.fits === "no") return "";
  const { seconds, bytes } = calibration;
  const runs = Math.max(seconds?.runs ?? 0, bytes?.runs ?? 0);
  const parts = [
    seconds === null ? null : `times x ${seconds.factor.toFixed(2)}`,
    bytes === null ? null : `memory x ${bytes.factor.toFixed(2)}`,
  ].filter((part) => part !== null);
  return `from ${countOf(runs, "finished run")} here: ${parts.join(", ")}`;
}
