/** @file `tunewise compare RUN...`: runs side by side, and ways of training over their seeds. */
import {
  type ComparedRun,
  type ComparedVariant,
  compareRuns,
  type RunComparison,
} from "../../app/compare/index.ts";
import { bytes, bytesText, seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { type TryDocument, tryWords } from "../../report/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { hostOf } from "./context.ts";

/** Shows runs as lines of one table, and where there is something to it, ways in a second one. */
export async function handle(call: Call, console: Console): Promise<number> {
  const found = await compareRuns(call.words, hostOf(console), textFlag(call, "output") ?? undefined);
  if (console.json) console.document(found);
  else {
    const write = textFlag(call, "format") === "markdown" ? markdownTable : plainTable(console.tableColumns);
    console.result(comparisonText(found, write));
  }
  return DONE;
}

/** Heads, which of them are words and so stand left, and cells. */
interface Cells {
  readonly heads: readonly string[];
  readonly words: readonly number[];
  readonly lines: readonly (readonly string[])[];
}

function comparisonText({ runs, ways, arms }: RunComparison, write: (cells: Cells) => string): string {
  const metric = runs[0]?.metric ?? "score";
  const parts = [write(runCells(runs, metric)), ...notes(runs)];
  if (ways.length > 1 || ways.some((way) => way.runs.length > 1)) {
    parts.push("", write(wayCells(ways, metric)));
    if (ways.length > 1) parts.push(howCompared);
  }
  if (arms !== null) parts.push(...armParts(arms, write));
  return parts.join("\n");
}

/** The arms beside the runs, and what was decided. */
function armParts(document: TryDocument, write: (cells: Cells) => string): string[] {
  const { columns, rows } = tryWords.armTable(document);
  const words = columns.flatMap(({ isNumeric }, at) => (isNumeric ? [] : [at]));
  const cells = { heads: columns.map(({ title }) => title), words, lines: rows.map((row) => row.map(plain)) };
  const { title } = tryWords.verdictTitle(document.decision);
  return [
    "",
    write(cells),
    tryWords.frontierNote(document),
    `${plain(title)}. ${plain(document.decision.why)} (${document.run})`,
  ];
}

const howCompared =
  "Differences are to the first way, row by row; 95 % intervals over rows and, where there are several, seeds.";

function plainTable(columns: number): (cells: Cells) => string {
  return ({ heads, words, lines }) =>
    fittedTable(
      heads.map((head, at) => ({ head, align: words.includes(at) ? "left" : "right" })),
      lines,
      columns,
    );
}

function markdownTable({ heads, lines }: Cells): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...lines.map(line)].join("\n");
}

function runCells(runs: readonly ComparedRun[], metric: string): Cells {
  return {
    heads: [
      ...["run", "method", metric, "(95 %)", "base", "no model"],
      ...["perplexity of old text", "right answers", "forgot", "memory", "time", "cost"],
    ],
    words: [0, 1, 8],
    lines: runs.map((run) => [
      plain(run.id) + (run.unlike.length > 0 ? " *" : ""),
      run.method + (run.status === "completed" ? "" : ` (${run.status})`),
      score(run.tuned?.value),
      rangeText(run.tuned),
      score(run.base),
      score(run.trivial),
      signed(run.perplexityRise, "%"),
      signed(run.taskDrop === null ? null : -run.taskDrop, "points"),
      run.forgetting ?? "",
      ...spent(run),
    ]),
  };
}

function wayCells(ways: readonly ComparedVariant[], metric: string): Cells {
  return {
    heads: [
      ...["way", "runs", metric, "from to", "difference", "(95 %)", "verdict"],
      ...["perplexity of old text", "memory", "time", "cost"],
    ],
    words: [0, 6],
    lines: ways.map((way) => [
      plain(way.method),
      String(way.runs.length),
      score(way.score?.mean),
      way.score && way.runs.length > 1 ? `${score(way.score.least)} to ${score(way.score.most)}` : "",
      way.difference ? plus(way.difference.value) : "",
      way.difference?.interval
        ? `${plus(way.difference.interval.low)} to ${plus(way.difference.interval.high)}`
        : "",
      way.difference?.verdict ?? "",
      signed(way.perplexityRise, "%"),
      ...spent(way),
    ]),
  };
}

function spent({ memoryBytesPeak, wallSeconds, spentMicroUsd }: ComparedRun | ComparedVariant): string[] {
  return [
    memoryBytesPeak === null ? "" : bytesText(bytes(memoryBytesPeak)),
    secondsText(seconds(wallSeconds)),
    usdText(spentMicroUsd as Usd),
  ];
}

function score(value: number | null | undefined): string {
  return value == null ? "" : value.toPrecision(4);
}

function plus(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toPrecision(2)}`;
}

function rangeText(tuned: ComparedRun["tuned"]): string {
  return tuned?.low == null || tuned.high === null ? "" : `${score(tuned.low)} to ${score(tuned.high)}`;
}

function signed(value: number | null, unit: string): string {
  return value === null ? "" : `${value >= 0 ? "+" : ""}${(100 * value).toFixed(1)} ${unit}`;
}

/** Runs that are not comparable with the first one. */
function notes(runs: readonly ComparedRun[]): string[] {
  const unlike = runs.filter((run) => run.unlike.length > 0);
  return [
    ...unlike.map((run) => `* ${plain(run.id)}: another ${run.unlike.join(", another ")} than the first run`),
    ...runs.flatMap(({ id, result }) => (result === null ? [] : [`${plain(id)}: ${plain(result)}`])),
  ];
}
