/**
 * @file `tunewise runs`: the record, newest first.
 */
import { type ListedRun, listRuns } from "../../flow/index.ts";
import { seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import type { RunStatus } from "../../run/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { tableText } from "../render/table.ts";
import { hostOf, outputOf } from "./surroundings.ts";

/** Lists runs. */
export async function handle(call: Call, face: Face): Promise<number> {
  const status = textFlag(call, "status") as RunStatus | null;
  const limit = numberFlag(call, "limit");
  const runs = await listRuns(hostOf(face), {
    ...outputOf(call),
    ...(status === null ? {} : { status }),
    ...(limit === null ? {} : { limit }),
  });
  if (face.json) face.document({ runs });
  else if (runs.length === 0) face.result("no runs here yet");
  else {
    face.result(runsText(runs));
    face.talk("\nnext: tunewise show latest");
  }
  return DONE;
}

function runsText(runs: readonly ListedRun[]): string {
  const score = ({ scores }: ListedRun, arm: string): string => {
    const found = scores.find((one) => one.arm === arm);
    return found ? `${found.metric} ${found.value.toPrecision(4)}` : "";
  };
  return tableText(
    [
      { head: "run" },
      { head: "status" },
      { head: "base" },
      { head: "tuned" },
      { head: "time", align: "right" },
      { head: "cost", align: "right" },
    ],
    runs.map((one) => [
      plain(one.run.id),
      one.run.status,
      score(one, "base"),
      score(one, "tuned"),
      secondsText(seconds(one.run.wallSeconds)),
      usdText(one.run.spentMicroUsd as Usd),
    ]),
  );
}
