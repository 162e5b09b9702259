/**
 * @file `tunewise import`: histories of other trackers come in.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { importRuns } from "../../app/runs/index.ts";
import {
  type ImportOptions,
  type ImportReport,
  importHistory,
  importWandb,
  openMlflowSource,
  openTrackingContext,
  type TrackingContext,
} from "../../app/tracking/index.ts";
import { bytes, bytesText } from "../../quantity/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import { CHECK_SAID_NO, DONE, INTERRUPTED } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { makeStoreFolder, type StorePlace, storePlace } from "./store-place.ts";
import { hostOf } from "./surroundings.ts";

/** Milliseconds between lines on how far it is. */
const tellEvery = 5_000;
/** Things left out that are named. */
const namedMost = 20;

/** Imports, and says what came. */
export async function handle(call: Call, face: Face): Promise<number> {
  const [tracker, source = ""] = call.words;
  if (tracker === "runs") return importOwn(source, face);
  const place = storePlace(call, face);
  const isDryRun = isOn(call, "dry-run");
  if (!isDryRun) await makeStoreFolder(place);
  // Telling what would come makes no store.
  const places = isDryRun && !place.isThere ? { ...place, store: ":memory:" } : place;
  const desk = await openTrackingContext(places, hostOf(face));
  try {
    const options = optionsOf(call, face, place, isDryRun);
    const report =
      tracker === "wandb"
        ? await importWandb(source, face.world.cwd, desk, options)
        : await importMlflow(source, face, desk, options);
    if (face.json) face.document({ ...report });
    else {
      face.result(reportText(report));
      for (const note of report.notes) face.talk(`note: ${plain(note)}`);
      face.talk(`\nnext: ${nextStep(call, report)}`);
    }
    if (report.wasStopped) return INTERRUPTED;
    return report.leftOutCount > 0 ? CHECK_SAID_NO : DONE;
  } finally {
    await desk.close();
  }
}

async function importOwn(word: string, face: Face): Promise<number> {
  const report = await importRuns(word, hostOf(face));
  const { added, completed, there, leftOut, store } = report;
  if (face.json) face.document({ ...report });
  else {
    face.result(`into ${plain(store)}`);
    face.result(
      `runs       ${added.length} came, ${completed.length} got what they lacked, ${there} were there already`,
    );
    for (const { run, reason } of leftOut.slice(0, namedMost))
      face.result(`left out   ${plain(run)}: ${plain(reason)}`);
    face.talk("\nnext: tunewise runs");
  }
  if (report.wasStopped) return INTERRUPTED;
  return leftOut.length > 0 ? CHECK_SAID_NO : DONE;
}

async function importMlflow(
  word: string,
  { world }: Face,
  desk: TrackingContext,
  options: ImportOptions,
): Promise<ImportReport> {
  const source = await openMlflowSource(word, world);
  try {
    return await importHistory(source, desk, options);
  } finally {
    await source.close();
  }
}

function optionsOf(call: Call, face: Face, place: StorePlace, isDryRun: boolean): ImportOptions {
  const { freeDiskBytes } = hostOf(face);
  let toldAt = face.world.now();
  return {
    project: textFlag(call, "project"),
    // Files of W&B's runs are a part of what their clients send.
    files:
      isOn(call, "artifacts") || call.words[0] === "wandb"
        ? { freeBytes: () => freeDiskBytes(existing(place.artifacts)) }
        : null,
    isDryRun,
    signal: face.world.signal,
    onProgress: ({ project, runs, points }) => {
      if (face.world.now() - toldAt < tellEvery) return;
      toldAt = face.world.now();
      face.talk(`${plain(project)}: ${counted(runs, "run")}, ${counted(points, "point")} so far`);
    },
  };
}

/** The nearest folder that is there: the one of artifacts may be made later. */
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
  if (report.leftOutCount > 0) {
    lines.push(`left out   ${report.leftOutCount}:`);
    for (const { what, reason } of report.leftOut.slice(0, namedMost))
      lines.push(`  ${plain(what)}: ${plain(reason)}`);
    if (report.leftOutCount > namedMost)
      lines.push(`  and ${report.leftOutCount - namedMost} more (--json names them)`);
  }
  if (report.wasStopped) lines.push("stopped; the same command goes on from here");
  return lines.join("\n");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function nextStep(call: Call, { isDryRun }: ImportReport): string {
  if (isDryRun) return `tunewise import ${call.words.map(plain).join(" ")}`;
  return "tunewise runs   or   tunewise serve";
}
