/** @file `tunewise runs sweep --on ray+http://…`: the cost of a cluster, and its orphaned jobs. */
import { resolve } from "node:path";
import { countOf, usd, usdText } from "@tunewise/core/quantity";
import { defaultOutput } from "@tunewise/tracker";
import { type SweptCluster, stopOrphans, sweepCluster } from "../../app/runs/index.ts";
import { type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { askYes, runtimeOf } from "./context.ts";

/** Shows every job with tunewise's tag, and stops orphaned ones. */
export async function handleClusterSweep(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const output = resolve(console.io.cwd, textFlag(call, "output") ?? defaultOutput);
  const rate = numberFlag(call, "rate");
  const found = await sweepCluster(
    textFlag(call, "on") ?? "",
    output,
    rate === null ? null : usd(rate),
    runtime,
  );
  const orphans = found.jobs.filter(({ standing }) => standing === "orphan");
  const isEnded = isOn(call, "delete") && orphans.length > 0 && (await mayEnd(orphans, call, console));
  if (console.json) console.document({ ...found, ended: isEnded });
  else console.result(sweepText(found, console.tableColumns));
  if (isEnded) {
    const ids = await stopOrphans(found, runtime);
    if (!console.json) console.result(`\n${plain(ids.join(", "))}: ended, the cluster said twice`);
  } else if (orphans.length > 0 && !console.json)
    console.info(`\nnext: tunewise runs sweep --on ${plain(found.address)} --delete`);
  return DONE;
}

async function mayEnd(
  orphans: readonly { readonly id: string }[],
  call: Call,
  console: Console,
): Promise<boolean> {
  if (isOn(call, "yes")) return true;
  if (!console.canAsk) return false;
  return askYes(`Stop ${plain(orphans.map(({ id }) => id).join(", "))}?`, "runs sweep --delete");
}

function sweepText({ cluster, jobs, activity, usdPerHour }: SweptCluster, columns: number): string {
  const cards = cluster.cards.length;
  const size = `${countOf(cluster.nodes, "node")}, ${countOf(cluster.processors, "processor")}, ${countOf(cards, "card")}`;
  const cost =
    usdPerHour === null ? "unknown dollars an hour: say it with --rate" : `${usdText(usdPerHour)} an hour`;
  const left = jobs.filter(({ standing }) => standing !== "at-work").length;
  const idle =
    activity === null || activity.isActive
      ? ""
      : `\nup and idle${activity.lastMs === null ? "" : ` since ${new Date(activity.lastMs).toISOString()}`}`;
  const table = fittedTable(
    ["job", "standing", ["run", 1], ["since", 2], ["state", 3]],
    jobs.map(({ id, standing, run, startedMs, status }) => [
      ...[plain(id), standing, plain(run)],
      ...[startedMs === null ? "" : new Date(startedMs).toISOString(), plain(status)],
    ]),
    columns,
  );
  return [
    `${size}: ${cost}${idle}`,
    jobs.length === 0 ? "no job carries our tag" : table,
    ...(left === 0 ? [] : [`nobody here looks after ${left} of them`]),
  ].join("\n\n");
}
