/** @file `tunewise runs list`: the record, of whatever client, newest first. */
import { defaultOutput } from "../../app/runs/index.ts";
import { type ListedRun, listRuns, missingRuns } from "../../app/tracking/index.ts";
import { seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { hostOf } from "./surroundings.ts";

/** Lists runs. */
export async function handle(call: Call, console: Console): Promise<number> {
  const store = textFlag(call, "store") ?? textFlag(call, "output");
  const [project, status] = [
    textFlag(call, "project"),
    textFlag(call, "status") as ListedRun["status"] | null,
  ];
  const client = textFlag(call, "client") as ListedRun["client"] | null;
  const limit = numberFlag(call, "limit");
  const runs = await listRuns(hostOf(console), {
    ...(store === null ? {} : { store }),
    ...(project === null ? {} : { project }),
    ...(client === null ? {} : { client }),
    ...(status === null ? {} : { status }),
    ...(limit === null ? {} : { limit }),
  });
  const missing = await missingRuns(store ?? undefined, hostOf(console));
  if (console.json) console.document({ runs, not_in_store: missing });
  else if (runs.length === 0) console.result("no such runs here yet");
  else {
    console.result(runsText(runs, console.tableColumns));
    console.info("\nnext: tunewise runs show latest");
  }
  if (missing.length > 0)
    console.info(
      `${missing.length} more in the folder and not in the store: tunewise store import runs ${plain(store ?? defaultOutput)}`,
    );
  return DONE;
}

function runsText(runs: readonly ListedRun[], columns: number): string {
  return fittedTable(
    [
      { head: "run" },
      { head: "client", drop: 1 },
      { head: "project", drop: 2 },
      { head: "status" },
      { head: "base", drop: 3 },
      { head: "result" },
      { head: "time", align: "right" },
      { head: "cost", align: "right" },
    ],
    runs.map((run) => [
      plain(run.id),
      run.client,
      plain(run.project),
      run.status,
      ...(run.comparison === null
        ? [
            scoreText(run, "base"),
            scoreText(run, "tuned") || plain(run.scores.length > 0 ? "" : (run.result ?? "")),
          ]
        : ["", comparisonText(run.comparison)]),
      secondsText(seconds(run.seconds)),
      usdText(run.spentMicroUsd as Usd),
    ]),
    columns,
  );
}

/** A try compares several ways: none of their scores is its result, the decision is. */
function comparisonText({ title }: NonNullable<ListedRun["comparison"]>): string {
  return plain(title === "" ? "baseline comparison" : `baseline comparison: ${title}`);
}

function scoreText({ scores }: ListedRun, arm: string): string {
  const found = scores.find((one) => one.arm === arm);
  if (!found) return "";
  return `${found.metric} ${Number.isFinite(found.value) ? found.value.toPrecision(4) : "void"}`;
}
