/** @file `tunewise runs evaluate`: re-evaluates a run's model. */

import { countOf } from "@tunewise/core/quantity";
import { type EvaluatedRun, evaluateRun } from "../../app/train/index.ts";
import { bestTrivial, contradictionText } from "../../evaluate/index.ts";
import { labelSentence } from "../../report/index.ts";
import { type Call, isOn, numberFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { createPhaseProgress } from "../render/progress.ts";
import { tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { downloadPrinter, runtimeOf } from "./context.ts";
import { besideScore, numberText } from "./run-end.ts";

/** Evaluates a run and prints its scores. */
export async function handle(call: Call, console: Console): Promise<number> {
  const rows = numberFlag(call, "rows");
  const progress = createPhaseProgress(console);
  try {
    const result = await evaluateRun(call.words[0] ?? "latest", runtimeOf(console), {
      ...textFlags(call, "output", "data"),
      ...(rows === null ? {} : { rows }),
      base: !isOn(call, "no-base"),
      onProgress: progress.phase,
      onDownload: downloadPrinter(console),
    });
    progress.close();
    console.output(result, () => scoresText(result));
    return result.judgement.tuned.scores[0]?.isInvalid ? CHECK_SAID_NO : DONE;
  } finally {
    progress.close();
  }
}

function scoresText({ runId, rows, judgement, verdict, scores, labels }: EvaluatedRun): string {
  const { tuned, base, comparisons, contradictions } = judgement;
  const number = (value: number | undefined): string => (value === undefined ? "-" : numberText(value));
  const table = tableText(
    ["", "#base", "#tuned", "#no model", "95 % interval", ""],
    tuned.scores.map((score, at) => [
      score.metric,
      number(base?.scores[at]?.value),
      number(score.value),
      number(bestTrivial(score.metric, scores[at]?.trivial ?? [])?.value),
      score.interval ? `${number(score.interval.low)} to ${number(score.interval.high)}` : "",
      besideScore(comparisons[at]?.verdict ?? "", score),
    ]),
  );
  const doubts = contradictions.map((one) => `\n\nwarning: ${contradictionText(one)}`).join("");
  const unknown = labels?.tuned.unknown ? `\n\n${plain(labelSentence(labels))}` : "";
  const first = `${plain(verdict.title)}: ${plain(verdict.sentence)}`;
  return `${first}\n\n${runId} on ${countOf(rows, "row")}\n\n${table}${unknown}${doubts}`;
}
