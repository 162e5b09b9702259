/** @file `tunewise store backup` and `restore`: an archive of the store and its files. */

import { bytes, bytesText, countOf } from "@tunewise/core/quantity";
import type { ArchiveProgress } from "@tunewise/tracker";
import { type BackedUp, backUpStore, restoreStore } from "@tunewise/tracker";
import { type Call, isOn } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { plain } from "../render/terminal.ts";
import { progressPrinter, runtimeOf, unlessStopped } from "./context.ts";
import { trackingPlaces } from "./store-place.ts";

/** Writes the archive. */
export async function handleBackup(call: Call, console: Console): Promise<number> {
  const places = trackingPlaces(call, console);
  const writing = backUpStore(call.words[0] ?? "", runtimeOf(console), {
    places,
    withoutFiles: isOn(call, "without-artifacts"),
    onProgress: archiveProgress(console),
  });
  const made = await unlessStopped(console, writing, "stopped; no archive was written");
  if (made === null) return INTERRUPTED;
  console.output(made, () => sentenceOf(made));
  console.info(`\nnext: tunewise store restore ${plain(made.path)} --store PLACE   (an empty one)`);
  return DONE;
}

function sentenceOf({ path, bytes: size, rows, files }: BackedUp): string {
  const what = files === null ? "without files" : countOf(files, "file");
  return `${plain(path)}: ${countOf(rows, "row")}, ${what}, ${bytesText(bytes(size))}`;
}

/** Restores an archive. */
export async function handleRestore(call: Call, console: Console): Promise<number> {
  const places = trackingPlaces(call, console);
  const reading = restoreStore(call.words[0] ?? "", runtimeOf(console), {
    places,
    onProgress: archiveProgress(console),
  });
  const made = await unlessStopped(console, reading, "stopped; the store is unchanged");
  if (made === null) return INTERRUPTED;
  const { store, artifacts, rows, files, createdAt } = made;
  const where = files === null ? "without files" : `${countOf(files, "file")} in ${plain(artifacts)}`;
  const sentence = `${plain(store)}: ${countOf(rows, "row")} as of ${plain(createdAt)}, ${where}`;
  console.output(made, () => sentence);
  console.info("\nnext: tunewise serve   (with the same --store and --artifacts)");
  return DONE;
}

function archiveProgress(console: Console): (progress: ArchiveProgress) => void {
  const print = progressPrinter(console);
  return ({ doing, name, count }) =>
    print(
      doing === "checking"
        ? `checking: ${bytesText(bytes(count))}`
        : `${doing}: ${name === "" ? "" : `${name} `}${count}`,
    );
}
