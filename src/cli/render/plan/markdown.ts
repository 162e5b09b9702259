/** @file The plan as Markdown, for a pull request: the table of places, the total, what it assumes. */

import type { Plan } from "../../../plan/index.ts";
import { countOf } from "../../../quantity/index.ts";
import { plain } from "../terminal.ts";
import {
  budgetLine,
  choiceLine,
  chosenPlace,
  firstLine,
  memoryLines,
  moneyLines,
  searchLine,
} from "./lines.ts";
import { placeRows } from "./place-rows.ts";

/** The plan as a Markdown section. */
export function planMarkdown(plan: Plan): string {
  const { model, schedule, data } = plan;
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
  const place = chosenPlace(plan);
  const lines = [
    ["choice", choiceLine(plan)],
    ...memoryLines(plan),
    ...moneyLines(plan),
    ["first", firstLine(plan)],
    ["search", searchLine(plan)],
    ["budget", budgetLine(plan)],
  ];
  return [
    `### Plan for ${cell(plan.name)}`,
    "",
    `\`${cell(model.source)}\`, ${model.method}, ${countOf(schedule.steps, "step")} over ${countOf(data.trainRows, "row")}${place ? `; recommended: ${cell(place.name)}` : ""}.`,
    "",
    rowOf(heads),
    rowOf(heads.map(() => "---")),
    ...placeRows(plan, "few").map((row) => rowOf(row.map((text) => (text === ">" ? "best" : text.trim())))),
    "",
    ...lines
      .filter(([, text]) => text)
      .map(([name, text]) => `- ${name ? `**${name}** ` : ""}${cell(text ?? "")}`),
  ].join("\n");
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** Text that cannot end a cell or start markup. */
function cell(text: string): string {
  return plain(text).replace(/[|<>`*_[\]]/g, (mark) => `\\${mark}`);
}
