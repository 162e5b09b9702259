/** @file `tunewise try`: compares baselines and the tuned model on the same test rows. */

import { countOf, usd, usdText } from "@tunewise/core/quantity";
import {
  curveRecipes,
  findTrainedRun,
  runTry,
  type TryOutcome,
  type TryPreview,
} from "../../app/baselines/index.ts";
import { type Consent, type PlannedRecipe, planRecipe } from "../../app/plan/index.ts";
import { runPlanned, trainAndReport } from "../../app/train/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import { tryActionOf, tryReport } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Call, isOn } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { documentText } from "../render/document.ts";
import { calledText, outputFlag, outputOfRun } from "../render/next-command.ts";
import { recipeArgument } from "../render/plan/run-screen.ts";
import { findingsText } from "../render/problem.ts";
import { createPhaseProgress } from "../render/progress.ts";
import { plain } from "../render/terminal.ts";
import { askYes, downloadPrinter, overridesOf, runtimeOf } from "./context.ts";
import { loadPricedRecipe } from "./priced-recipe.ts";
import { onConsole } from "./run-on-console.ts";

/** Tries all arms and shows the decision. */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const loaded = await loadPricedRecipe(
    call.words[0] ?? "tunewise.yaml",
    runtime,
    overridesOf(call),
    call,
    console,
  );
  if (isOn(call, "train")) {
    const code = await trainFirst(loaded, runtime, call, console);
    if (code !== DONE) return code;
  }
  const progress = createPhaseProgress(console);
  try {
    const outcome = await runTry(loaded, runtime, {
      approve: async (preview) => {
        const isApproved = await consent(preview, call, console);
        if (isApproved) console.io.beginSaving();
        return isApproved;
      },
      onProgress: progress.phase,
      onDownload: downloadPrinter(console),
      isFresh: isOn(call, "fresh"),
    });
    progress.close();
    if (outcome === null) return DONE;
    show(outcome, call, console);
    const { decision, invalid: withoutScore } = outcome.document;
    return decision.isInvalid || withoutScore.length > 0 ? CHECK_SAID_NO : DONE;
  } catch (error) {
    throw runtime.signal.aborted ? problem("USAGE_INTERRUPTED", { command: "try" }) : error;
  } finally {
    progress.close();
  }
}

/** Trains whatever has no completed run yet, as `run` does: the points of the learning curve, then the recipe. */
async function trainFirst(
  loaded: LoadedRecipe,
  runtime: Runtime,
  call: Call,
  console: Console,
): Promise<number> {
  const whole = await planRecipe(loaded, runtime, downloadPrinter(console));
  for (const part of curveRecipes(whole.prepared)) {
    const planned = await planRecipe(part, runtime, downloadPrinter(console));
    const code = await trainUnlessThere(planned, runtime, call, console);
    if (code !== DONE) return code;
  }
  return trainUnlessThere(whole, runtime, call, console);
}

async function trainUnlessThere(
  planned: PlannedRecipe,
  runtime: Runtime,
  call: Call,
  console: Console,
): Promise<number> {
  return (await findTrainedRun(planned.prepared)) === null ? train(planned, runtime, call, console) : DONE;
}

async function train(
  planned: PlannedRecipe,
  runtime: Runtime,
  call: Call,
  console: Console,
): Promise<number> {
  const consent = async (): Promise<Consent> => {
    if (isOn(call, "yes")) return { kind: "flag" };
    if (!console.canAsk) return { kind: "none" };
    return { kind: "asked", yes: await askYes("Train it first?", "run") };
  };
  const request = { site: null, by: "this-machine", command: calledText(call) } as const;
  const how = { path: call.words[0] ?? "tunewise.yaml", site: null, consent };
  return onConsole(planned.prepared.recipe, how, console, (options) =>
    runPlanned(planned, [], request, { ...options, work: trainAndReport }, runtime),
  );
}

/** Shows a preview, and asks for approval if it may cost money. */
async function consent(preview: TryPreview, call: Call, console: Console): Promise<boolean> {
  const [worth, ofData] = [preview.findings, preview.dataFindings].map(withoutNotes);
  if (worth?.length) console.info(`${findingsText(worth, console.paintStderr)}\n`);
  if (ofData?.length) console.info(`${dataLine(ofData, call.words[0])}\n`);
  if (isOn(call, "dry-run")) {
    console.output({ ...preview, lines: preview.lines.map(({ name }) => name) }, () => previewText(preview));
    return false;
  }
  console.info(`${previewText(preview)}\n`);
  if (preview.usd.most === 0 || isOn(call, "yes")) return true;
  const most = usdText(usd(preview.usd.most));
  if (!console.canAsk)
    throw problem("RUN_NOT_APPROVED", {
      reason: `APIs may cost up to ${most}, and there is no terminal to ask in`,
      command: `${calledText(call)} --yes`,
    });
  return askYes(`Spend up to ${most} on APIs?`, "try");
}

function withoutNotes(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity !== "note");
}

/** Summary of findings about the data in one line, since tries are repeated on the same rows. */
function dataLine(findings: readonly Finding[], path = "tunewise.yaml"): string {
  const codes = new Set(findings.map(({ code }) => code));
  return `${countOf(findings.length, "finding")} about the data (${[...codes].join(", ")}): tunewise check${recipeArgument(path)}`;
}

function show({ document, folder, isFromRecord }: TryOutcome, call: Call, console: Console): void {
  if (console.json) {
    console.document({ ...document, action: tryActionOf(document), folder, from_record: isFromRecord });
    return;
  }
  console.result(documentText(tryReport(document), console.tableColumns));
  if (isFromRecord)
    console.info("\nthis was tried before: nothing was computed or paid; --fresh tries again");
  const lost = document.arms.filter(({ invalid: why, failed }) => why !== null && failed > 0);
  if (lost.length > 0)
    console.info(`\nonce the endpoint answers, ${calledText(call)} repeats only the failed requests`);
  const { title, sentence, command } = tryActionOf(document);
  console.result(`\nreport ${folder}/report.html\n\n${plain(`${title}: ${sentence}`)}`);
  const where = command.includes(document.run)
    ? outputFlag(outputOfRun(folder), console.io.cwd)
    : /^tunewise (?:check|run|try)\b/.test(command)
      ? recipeArgument(call.words[0] ?? "tunewise.yaml")
      : "";
  console.info(`next: ${command}${where}`);
}

/** The candidates, the number of rows, and the cost. */
function previewText({ lines, testRows, choosingRows, leaked, usd: money }: TryPreview): string {
  const sweeps = lines.filter(({ candidates }) => candidates.length > 1);
  const chosen =
    sweeps.length === 0 ? "" : `, ${sweeps.length} of them chosen on ${choosingRows} validation rows before`;
  const left = leaked === 0 ? "" : `; ${leaked} leaked test rows left out`;
  const price =
    money.most === 0
      ? "nothing is paid for"
      : `APIs take about ${usdText(usd(money.expected))}, at most ${usdText(usd(money.most))}`;
  return [
    `${countOf(lines.length, "arm")} on ${countOf(testRows, "test row")}${chosen}${left}; ${price}`,
    ...lines.map(
      ({ name, candidates }) =>
        `  ${plain(name)}${candidates.length > 1 ? ` (${candidates.length} ways)` : ""}`,
    ),
  ].join("\n");
}
