/** @file `tunewise store export csv|parquet|mlflow|wandb`: exports runs' histories for other programs. */

import { countOf } from "@tunewise/core/quantity";
import {
  type ExportReport,
  exportHistories,
  type HistoryExport,
  openTrackingContext,
} from "@tunewise/tracker";
import { packageVersion } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import { notCarriedTable } from "../render/not-carried.ts";
import { tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { progressPrinter, runtimeOf, unlessStopped } from "./context.ts";
import { storePlace } from "./store-place.ts";

/** Maximum renamed runs that are listed. */
const maxNamed = 10;

/**
 * Exports histories.
 *
 * @throws {TunewiseError} `USAGE_INVALID` without `--output`, `STORE_UNREADABLE` if there is no store
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const to = textFlag(call, "output") ?? textFlag(call, "to");
  if (to === null) throw problem("USAGE_INVALID", { detail: "--output is needed", command: "store export" });
  if (call.flags.has("experiment") && !(call.words[0] === "mlflow" && /^https?:/i.test(to))) {
    const detail = "--experiment needs an MLflow server: store export mlflow --output https://...";
    throw problem("USAGE_INVALID", { detail, command: "store export" });
  }
  const place = storePlace(call, console);
  if (!place.isThere)
    throw problem("STORE_UNREADABLE", { path: place.store, reason: "the file does not exist" });
  const context = await openTrackingContext(place, runtimeOf(console));
  try {
    const standing = "stopped; a folder is unchanged, and runs that a server received are there";
    const report = await unlessStopped(
      console,
      exportHistories(context, requestOf(call, console, to)),
      standing,
    );
    if (report === null) return INTERRUPTED;
    console.output(report, () => reportText(report));
    if (!report.isDryRun) console.info(`\nnext: ${nextStep(call, report)}`);
    return report.changed.length > 0 ? CHECK_SAID_NO : DONE;
  } finally {
    await context.close();
  }
}

function requestOf(call: Call, console: Console, to: string): HistoryExport {
  const { io } = console;
  const print = progressPrinter(console);
  return {
    format: call.words[0] as HistoryExport["format"],
    to,
    project: textFlag(call, "project"),
    experiment: textFlag(call, "experiment"),
    runs: call.words.slice(1),
    isForced: isOn(call, "force"),
    isDryRun: isOn(call, "dry-run"),
    producer: `tunewise-${packageVersion()}`,
    cwd: io.cwd,
    env: io.env,
    signal: io.signal,
    onPlan: ({ runs, notCarried }) => {
      if (isOn(call, "dry-run") || notCarried.length === 0) return;
      console.info([`exporting ${countOf(runs, "run")}`, ...exportGaps(notCarried)].join("\n"));
    },
    onRun: (done, total) => print(`${done} of ${countOf(total, "run")}`),
  };
}

function exportGaps(notCarried: ExportReport["notCarried"]): string[] {
  if (notCarried.length === 0) return [];
  return ["", notCarriedTable(notCarried), "`tunewise store backup` keeps all of it."];
}

function reportText(report: ExportReport): string {
  const { to, isDryRun, runs, there, changed, files, renamed, notCarried } = report;
  const moved = `${countOf(runs, "run")}${isDryRun ? " would go" : ""}`;
  const parts = [`${plain(to)}: ${moved}${there > 0 ? `, ${there} there already` : ""}`];
  parts.push(...exportGaps(notCarried));
  if (files.length > 0) {
    const rows = files.map(({ path, rows: count }) => [path, String(count)]);
    parts.push("", tableText(["file", "#rows"], rows));
  }
  if (changed.length > 0)
    parts.push(
      `${changed.length} changed since they were sent and are unchanged there (--force sends them again)`,
    );
  for (const { run, keys } of renamed.slice(0, maxNamed))
    parts.push(`renamed or cut in ${plain(run)}: ${plain(keys.slice(0, 10).join(", "))}`);
  if (renamed.length > maxNamed) parts.push(`and in ${renamed.length - maxNamed} more runs`);
  return parts.join("\n");
}

function nextStep(call: Call, { to }: ExportReport): string {
  const place = plain(to);
  const steps: Readonly<Record<string, string>> = {
    csv: `head ${place}/runs.csv`,
    parquet: `duckdb -c "SELECT key, count(*) FROM '${place}/metrics.parquet' GROUP BY key"`,
    mlflow: to.startsWith("http") ? `open ${place}` : `MLFLOW_TRACKING_URI=file://${place} mlflow ui`,
    wandb: `wandb sync ${place}/offline-run-*`,
  };
  return steps[call.words[0] ?? ""] ?? "";
}
