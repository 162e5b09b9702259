/** @file `tunewise store purge`: permanently removes deleted objects. */

import { countOf } from "@tunewise/core/quantity";
import { type PurgeReport, purgeStore } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { accessRequest } from "./access.ts";
import { askYes, runtimeOf, unlessStopped } from "./context.ts";
import { trackingPlaces } from "./store-place.ts";

/** Default minimum age of deletions to purge, within which people may still remember to restore. */
const usualAge = "30d";

/** Counts the deleted objects, asks for confirmation, and removes them. */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const options = {
    places: trackingPlaces(call, console),
    olderThan: textFlag(call, "older-than") ?? usualAge,
    by: accessRequest(call).by,
  };
  const found = await purgeStore({ ...options, isDryRun: true }, runtime);
  const isNothing = found.runs + found.models + found.projects === 0;
  if (isOn(call, "dry-run") || (!isNothing && !(await mayPurge(found, call, console)))) {
    show(found, console);
    return DONE;
  }
  const purging = purgeStore({ ...options, isDryRun: false }, runtime);
  const made = await unlessStopped(console, purging, "stopped; the next purge goes on from here");
  if (made === null) return INTERRUPTED;
  show(made, console);
  return DONE;
}

async function mayPurge(found: PurgeReport, call: Call, console: Console): Promise<boolean> {
  if (isOn(call, "yes")) return true;
  const things = thingsOf(found);
  if (console.canAsk) return askYes(`Remove ${things} for good?`, "store purge");
  throw problem("PURGE_NOT_CONFIRMED", { things });
}

function show(report: PurgeReport, console: Console): void {
  const { runs, models, projects, kept, leftovers, isDryRun, before } = report;
  const document = { runs, models, projects, kept, leftovers, dry_run: isDryRun, before };
  console.output(document, () => {
    const what = `${thingsOf(report)}, deleted before ${before.slice(0, 16).replace("T", " ")} UTC`;
    const rest = kept > 0 ? `; ${kept} stay, as versions of the registry were made from them` : "";
    return `${isDryRun ? "would remove" : "removed"} ${what}${rest}. What runs did cost stays in the ledger.`;
  });
  if (isDryRun && runs + models + projects > 0) console.info("\nnext: tunewise store purge");
}

function thingsOf({ runs, models, projects }: PurgeReport): string {
  return `${countOf(runs, "run")}, ${countOf(models, "model")} and ${countOf(projects, "project")}`;
}
