/** @file `tunewise store import`: imports histories of other trackers. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { bytes, bytesText } from "@tunewise/core/quantity";
import {
  type ImportOptions,
  type ImportReport,
  importHistory,
  importWandb,
  openMlflowSource,
  openTrackingContext,
  type TrackingContext,
} from "@tunewise/tracker";
import { importRuns } from "../../app/runs/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import { notCarriedTable } from "../render/not-carried.ts";
import { plain } from "../render/terminal.ts";
import { progressPrinter, runtimeOf } from "./context.ts";
import { makeStoreFolder, type StorePlace, storePlace } from "./store-place.ts";

/** Maximum listed skipped runs, and skipped items of each kind. */
const maxNamed = { runs: 20, kind: 5 } as const;

/** Imports histories and prints what was imported. */
export async function handle(call: Call, console: Console): Promise<number> {
  const [tracker, source = ""] = call.words;
  if (tracker === "runs") return importOwn(source, console);
  const place = storePlace(call, console);
  const isDryRun = isOn(call, "dry-run");
  if (!isDryRun) await makeStoreFolder(place);
  // a dry run must not create a store
  const places = isDryRun && !place.isThere ? { ...place, store: ":memory:" } : place;
  const context = await openTrackingContext(places, runtimeOf(console));
  try {
    const options = optionsOf(call, console, place, isDryRun);
    const report =
      tracker === "wandb"
        ? await importWandb(source, console.io.cwd, context, options)
        : await importMlflow(source, console, context, options);
    console.output(report, () => reportText(report));
    if (options.files === null)
      console.info("note: without --artifacts, files of runs and models do not come");
    for (const note of report.notes) console.info(`note: ${plain(note)}`);
    console.info(`\nnext: ${nextStep(call, report)}`);
    if (report.wasStopped) return INTERRUPTED;
    return report.leftOutCount > 0 ? CHECK_SAID_NO : DONE;
  } finally {
    await context.close();
  }
}

async function importOwn(word: string, console: Console): Promise<number> {
  const report = await importRuns(word, runtimeOf(console));
  const { added, completed, there, leftOut, store } = report;
  const counts = `${added.length} came, ${completed.length} got what they lacked, ${there} were there already`;
  const lines = leftOut
    .slice(0, maxNamed.runs)
    .map(({ run, reason }) => `left out   ${plain(run)}: ${plain(reason)}`);
  console.output(report, () => [`into ${plain(store)}`, `runs       ${counts}`, ...lines].join("\n"));
  console.info("\nnext: tunewise runs list");
  if (report.wasStopped) return INTERRUPTED;
  return leftOut.length > 0 ? CHECK_SAID_NO : DONE;
}

async function importMlflow(
  word: string,
  { io }: Console,
  context: TrackingContext,
  options: ImportOptions,
): Promise<ImportReport> {
  const source = await openMlflowSource(word, io);
  try {
    return await importHistory(source, context, options);
  } finally {
    await source.close();
  }
}

function optionsOf(call: Call, console: Console, place: StorePlace, isDryRun: boolean): ImportOptions {
  const { freeDiskBytes } = runtimeOf(console);
  const print = progressPrinter(console);
  return {
    project: textFlag(call, "project"),
    // W&B clients upload files together with their runs
    files:
      isOn(call, "artifacts") || call.words[0] === "wandb"
        ? { freeBytes: () => freeDiskBytes(existing(place.artifacts)) }
        : null,
    isDryRun,
    signal: console.io.signal,
    onProgress: ({ project, runs, points }) =>
      print(`${plain(project)}: ${counted(runs, "run")}, ${counted(points, "point")} so far`),
  };
}

/** The nearest existing folder, since the folder of artifacts may be created later. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

function reportText(report: ImportReport): string {
  const { runs, points, models, versions, files, projects } = report;
  const fresh = projects.filter(({ isNew }) => isNew).length;
  const verb = report.isDryRun ? "would come" : "came";
  const lines = [
    `from ${plain(report.source)}`,
    `projects   ${counted(fresh, "new one")}, ${projects.length - fresh} joined`,
    `runs       ${runs.fresh} ${verb}, ${runs.more} got what they lacked, ${runs.there} were there already`,
    `points     ${report.isDryRun ? `${points.read} there to read` : `${points.added} added of ${points.read} read`}`,
  ];
  if (models.fresh + models.there > 0)
    lines.push(`models     ${models.fresh} ${verb}, ${models.there} were there`);
  if (versions.fresh + versions.there > 0)
    lines.push(`versions   ${versions.fresh} ${verb}, ${versions.there} were there`);
  if (files.fresh + files.there > 0) {
    lines.push(
      `files      ${files.fresh} ${verb} (${bytesText(bytes(files.bytes))}), ${files.there} were there`,
    );
  }
  for (const { kind, count } of report.leftOutKinds) {
    lines.push(`left out   ${kind} (${count}):`);
    const items = report.leftOut.filter((item) => item.kind === kind);
    for (const { what, reason } of items.slice(0, maxNamed.kind))
      lines.push(`  ${plain(what)}: ${plain(reason)}`);
    if (count > maxNamed.kind)
      lines.push(`  and ${count - maxNamed.kind} more (--json names the first 1,000)`);
  }
  if (report.notCarried.length > 0) lines.push("", notCarriedTable(report.notCarried));
  if (report.wasStopped) lines.push("stopped; run the same command to continue");
  return lines.join("\n");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function nextStep(call: Call, { isDryRun }: ImportReport): string {
  if (isDryRun) return `tunewise store import ${call.words.map(plain).join(" ")}`;
  return "tunewise runs list   or   tunewise serve";
}
