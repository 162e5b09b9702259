/**
 * @file `tunewise export csv|parquet|mlflow|wandb`: what runs logged, for other programs.
 */

import {
  type ExportReport,
  exportHistories,
  type HistoryExport,
  openTrackingContext,
} from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import { countOf } from "../../quantity/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { tableText } from "../render/table.ts";
import { version } from "../version.ts";
import { storePlace } from "./store-place.ts";
import { hostOf } from "./surroundings.ts";

/** Words that ask for histories, and not for the model of a run. */
export const historyFormats: readonly string[] = [
  "csv",
  "parquet",
  "mlflow",
  "wandb",
] satisfies HistoryExport["format"][];

/** Flags of an export of models alone, and of an export of histories alone. */
const modelFlags = ["format", "dtype", "output", "runs"];
const historyFlags = ["to", "store", "project", "experiment"];
/** Milliseconds between lines on how far it is. */
const tellEvery = 5_000;
/** Runs whose names changed that are named. */
const namedMost = 10;

/**
 * Refuses what could mean two things.
 *
 * @throws {TunewiseError} `USAGE_INVALID`
 */
export function demandOneExport(call: Call): void {
  const isHistory = historyFormats.includes(call.words[0] ?? "");
  const strange = (isHistory ? modelFlags : historyFlags).find((name) => call.flags.has(name));
  if (strange !== undefined) {
    const what = isHistory
      ? `\`export ${call.words[0]}\` takes out what runs logged, and --${strange} is about a run's model`
      : `--${strange} is about what runs logged: begin with one of ${historyFormats.join(", ")}`;
    throw problem("USAGE_INVALID", { detail: what, command: "export" });
  }
  if (!isHistory && call.words.length > 1) {
    throw problem("USAGE_INVALID", {
      detail: "the model of one run is exported at a time",
      command: "export",
    });
  }
}

/**
 * Exports histories.
 *
 * @throws {TunewiseError} `USAGE_INVALID` without `--to`, `STORE_UNREADABLE` where there is no store
 */
export async function exportHistory(call: Call, face: Face): Promise<number> {
  const to = textFlag(call, "to");
  if (to === null) throw problem("USAGE_INVALID", { detail: "--to is needed", command: "export" });
  if (call.flags.has("experiment") && !(call.words[0] === "mlflow" && /^https?:/i.test(to))) {
    const detail = "--experiment is of a server of MLflow's: export mlflow --to https://...";
    throw problem("USAGE_INVALID", { detail, command: "export" });
  }
  const place = storePlace(call, face);
  if (!place.isThere)
    throw problem("STORE_UNREADABLE", { path: place.store, reason: "there is no such file" });
  const desk = await openTrackingContext(place, hostOf(face));
  try {
    const report = await exportHistories(desk, requestOf(call, face, to));
    if (face.json) face.document({ ...report });
    else {
      face.result(reportText(report));
      face.talk(`\nnext: ${nextStep(call, report)}`);
    }
    return report.changed.length > 0 ? CHECK_SAID_NO : DONE;
  } catch (error) {
    if (!face.world.signal.aborted) throw error;
    face.complain("stopped; a folder is as it was, and runs that a server got are there");
    return INTERRUPTED;
  } finally {
    await desk.close();
  }
}

function requestOf(call: Call, face: Face, to: string): HistoryExport {
  const { world } = face;
  let toldAt = world.now();
  return {
    format: call.words[0] as HistoryExport["format"],
    to,
    project: textFlag(call, "project"),
    experiment: textFlag(call, "experiment"),
    runs: call.words.slice(1),
    isForced: isOn(call, "force"),
    producer: `tunewise-${version()}`,
    cwd: world.cwd,
    env: world.env,
    signal: world.signal,
    onRun: (done, total) => {
      if (world.now() - toldAt < tellEvery) return;
      toldAt = world.now();
      face.talk(`${done} of ${countOf(total, "run")}`);
    },
  };
}

function reportText({ to, runs, there, changed, files, renamed }: ExportReport): string {
  const parts = [
    `${plain(to)}: ${runs} run${runs === 1 ? "" : "s"}${there > 0 ? `, ${there} there already` : ""}`,
  ];
  if (files.length > 0) {
    const rows = files.map(({ path, rows: count }) => [path, String(count)]);
    parts.push("", tableText([{ head: "file" }, { head: "rows", align: "right" }], rows));
  }
  if (changed.length > 0)
    parts.push(
      `${changed.length} changed since they were sent and stay as they are (--force sends them anew)`,
    );
  for (const { run, keys } of renamed.slice(0, namedMost))
    parts.push(`renamed or cut in ${plain(run)}: ${plain(keys.slice(0, 10).join(", "))}`);
  if (renamed.length > namedMost) parts.push(`and in ${renamed.length - namedMost} more runs`);
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
