/**
 * @file `tunewise evaluate`: judges a run's model again.
 */
import { type EvaluatedRun, evaluateRun } from "../../flow/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { createProgress } from "../render/progress.ts";
import { tableText } from "../render/table.ts";
import { downloadTeller, hostOf, outputOf } from "./surroundings.ts";

/** Judges and shows. */
export async function handle(call: Call, face: Face): Promise<number> {
  const data = textFlag(call, "data");
  const rows = numberFlag(call, "rows");
  const progress = createProgress({ ...face, json: false, quiet: face.quiet || face.json }, { usd: null });
  try {
    const result = await evaluateRun(call.words[0] ?? "latest", hostOf(face), {
      ...outputOf(call),
      ...(data === null ? {} : { data }),
      ...(rows === null ? {} : { rows }),
      ...(isOn(call, "no-base") ? { base: false } : {}),
      onProgress: (name, done, total) => progress.show({ kind: "phase", name, done, total }),
      onDownload: downloadTeller(face),
    });
    progress.close();
    if (face.json) face.document({ ...result });
    else face.result(scoresText(result));
    return DONE;
  } finally {
    progress.close();
  }
}

function scoresText({ runId, rows, judgement }: EvaluatedRun): string {
  const { tuned, base, comparisons } = judgement;
  const number = (value: number | undefined): string => (value === undefined ? "-" : value.toPrecision(4));
  const table = tableText(
    [
      { head: "" },
      { head: "base", align: "right" },
      { head: "tuned", align: "right" },
      { head: "95 % interval" },
      { head: "" },
    ],
    tuned.scores.map(({ metric, value, interval }, at) => [
      metric,
      number(base?.scores[at]?.value),
      number(value),
      interval ? `${number(interval.low)} to ${number(interval.high)}` : "",
      comparisons[at]?.verdict ?? "",
    ]),
  );
  return `${runId} on ${rows} rows\n\n${table}`;
}
