/** @file `tunewise compare RUN...`: compares runs, and training setups over several seeds. */

import { shellWord } from "@tunewise/core/format";
import { bytes, bytesText, seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import {
  type ComparedRun,
  type ComparedVariant,
  compareReplacement,
  compareRuns,
  howCompared,
  type RunComparison,
} from "../../app/compare/index.ts";
import { problem } from "../../problem/index.ts";
import {
  documentMarkdown,
  markdownTable,
  replacementAction,
  replacementReport,
  replacementVerdict,
  type Table,
  type TryDocument,
  table,
  tryWords,
  verdictWords,
} from "../../report/index.ts";
import { type Call, isOn, numberFlag, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { documentText } from "../render/document.ts";
import { reportTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";

/** Shows runs as rows of a table, and setups, if there are several to compare, in a second one. */
export async function handle(call: Call, console: Console): Promise<number> {
  if (isOn(call, "not-worse")) return handleReplacement(call, console);
  const found = await compareRuns(call.words, runtimeOf(console), textFlag(call, "output") ?? undefined);
  const isMarkdown = textFlag(call, "format") === "markdown";
  const write = isMarkdown ? markdownTable : (shown: Table) => reportTable(shown, console.tableColumns);
  console.output(found, () => comparisonText(found, write));
  return DONE;
}

/** Compares one run with frozen answers. Exit code 2 unless the run is shown to be not worse. */
async function handleReplacement(call: Call, console: Console): Promise<number> {
  const [run = "latest", ...others] = call.words;
  if (others.length > 0)
    throw problem("USAGE_INVALID", {
      detail: `--not-worse compares one run; ${call.words.length} were given`,
      command: "compare",
    });
  const points = numberFlag(call, "margin");
  const { reference, output } = textFlags(call, "reference", "output");
  const found = await compareReplacement(
    {
      run,
      ...(reference === undefined ? {} : { reference }),
      ...(points === null ? {} : { margin: points / 100 }),
      ...(output === undefined ? {} : { output }),
    },
    runtimeOf(console),
  );
  const verdict = replacementVerdict(found);
  const document = replacementReport(found);
  const isMarkdown = textFlag(call, "format") === "markdown";
  const action = replacementAction(found);
  console.output({ verdict, action, ...found }, () =>
    isMarkdown ? documentMarkdown(document) : documentText(document, console.tableColumns),
  );
  if (!isMarkdown && !console.json) {
    console.result(`\n${plain(`${action.title}: ${action.sentence}`)}`);
    const where =
      output !== undefined && action.command.includes(found.run) ? ` -o ${shellWord(output)}` : "";
    console.info(`next: ${plain(action.command)}${where}`);
  }
  return verdict === "not-worse" ? DONE : CHECK_SAID_NO;
}

function comparisonText(
  { runs, variants: ways, arms }: RunComparison,
  write: (shown: Table) => string,
): string {
  const metric = runs[0]?.metric ?? "score";
  const parts = [write(runCells(runs, metric)), ...notes(runs)];
  if (ways.length > 1 || ways.some((way) => way.runs.length > 1)) {
    parts.push("", write(wayCells(ways, metric)));
    if (ways.length > 1) parts.push(howCompared(ways.length - 1));
  }
  if (arms !== null) parts.push(...armParts(arms, write));
  return parts.join("\n");
}

/** Tables of the arms and the decision. */
function armParts(document: TryDocument, write: (shown: Table) => string): string[] {
  const { title } = tryWords.verdictTitle(document.decision);
  return [
    "",
    write(tryWords.armTable(document)),
    tryWords.frontierNote(document),
    `${plain(title)}. ${plain(document.decision.why)} (${document.run})`,
  ];
}

function runCells(runs: readonly ComparedRun[], metric: string): Table {
  const titles = [
    ...["run", "method", `#${metric}`, "#(95 %)", "#base", "#no model"],
    ...["#perplexity of old text", "#right answers", "forgot", "#memory", "#time", "#cost"],
  ];
  const rows = runs.map((run) => [
    run.id + (run.incomparableBecause.length > 0 ? " *" : ""),
    run.method + (run.status === "completed" ? "" : ` (${run.status})`),
    score(run.tuned?.value),
    rangeText(run.tuned),
    score(run.base),
    score(run.trivial),
    signed(run.perplexityRise, "%"),
    signed(run.taskDrop === null ? null : -run.taskDrop, "points"),
    run.forgetting ?? "",
    ...spent(run),
  ]);
  return table(titles, rows);
}

function wayCells(ways: readonly ComparedVariant[], metric: string): Table {
  const titles = [
    ...["way", "#runs", `#${metric}`, "#from to", "#difference", "#(95 %)", "verdict"],
    ...["#perplexity of old text", "#memory", "#time", "#cost"],
  ];
  const rows = ways.map(({ method, runs, score: scored, difference, ...way }) => [
    method,
    String(runs.length),
    score(scored?.mean),
    scored && runs.length > 1 ? `${score(scored.least)} to ${score(scored.most)}` : "",
    difference ? plus(difference.value) : "",
    difference?.interval ? `${plus(difference.interval.low)} to ${plus(difference.interval.high)}` : "",
    difference ? verdictWords(difference.verdict) : "",
    signed(way.perplexityRise, "%"),
    ...spent(way),
  ]);
  return table(titles, rows);
}

function spent({
  memoryBytesPeak,
  wallSeconds,
  spentMicroUsd,
}: Pick<ComparedRun, "memoryBytesPeak" | "wallSeconds" | "spentMicroUsd">): string[] {
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

/** Notes on runs that are not comparable with the first one. */
function notes(runs: readonly ComparedRun[]): string[] {
  const unlike = runs.filter((run) => run.incomparableBecause.length > 0);
  return [
    ...unlike.map(
      (run) => `* ${plain(run.id)}: another ${run.incomparableBecause.join(", another ")} than the first run`,
    ),
    ...runs.flatMap(({ id, result }) => (result === null ? [] : [`${plain(id)}: ${plain(result)}`])),
  ];
}
