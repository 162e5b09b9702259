/** @file `tunewise store backup`: the store and its files in one archive. */
import { type BackedUp, backUpStore, restoreStore } from "../../app/tracking/index.ts";
import { bytes, bytesText, countOf } from "../../quantity/index.ts";
import type { ArchiveProgress } from "../../track/index.ts";
import { type Call, isOn } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { plain } from "../render/terminal.ts";
import { hostOf } from "./context.ts";
import { trackingPlaces } from "./store-place.ts";

/** Writes the archive. */
export async function handleBackup(call: Call, console: Console): Promise<number> {
  const places = trackingPlaces(call, console);
  const writing = backUpStore(call.words[0] ?? "", hostOf(console), {
    places,
    withoutFiles: isOn(call, "without-artifacts"),
    onProgress: archiveTeller(console),
  });
  const made = await writing.catch((error: unknown) => {
    if (console.io.signal.aborted) return null;
    throw error;
  });
  if (made === null) {
    console.error("stopped; no archive was kept");
    return INTERRUPTED;
  }
  console.output(made, () => sentenceOf(made));
  console.info(`\nnext: tunewise store restore ${plain(made.path)} --store PLACE   (an empty one)`);
  return DONE;
}

function sentenceOf({ path, bytes: size, rows, files }: BackedUp): string {
  const what = files === null ? "without files" : countOf(files, "file");
  return `${plain(path)}: ${countOf(rows, "row")}, ${what}, ${bytesText(bytes(size))}`;
}

/** Brings it back. */
export async function handleRestore(call: Call, console: Console): Promise<number> {
  const places = trackingPlaces(call, console);
  const reading = restoreStore(call.words[0] ?? "", hostOf(console), {
    places,
    onProgress: archiveTeller(console),
  });
  const made = await reading.catch((error: unknown) => {
    if (console.io.signal.aborted) return null;
    throw error;
  });
  if (made === null) {
    console.error("stopped; the store is as it was");
    return INTERRUPTED;
  }
  if (console.json) console.document(made);
  else {
    const { store, artifacts, rows, files, createdAt } = made;
    const where = files === null ? "without files" : `${countOf(files, "file")} in ${plain(artifacts)}`;
    console.result(`${plain(store)}: ${countOf(rows, "row")} as of ${plain(createdAt)}, ${where}`);
    console.info("\nnext: tunewise serve   (with the same --store and --artifacts)");
  }
  return DONE;
}

/** Milliseconds between lines on how far it is. */
const tellEvery = 5_000;

/** A teller for a console. */
function archiveTeller(console: Console): (progress: ArchiveProgress) => void {
  let toldAt = console.io.now();
  return ({ doing, name, count }) => {
    const now = console.io.now();
    if (now - toldAt < tellEvery) return;
    toldAt = now;
    if (doing === "checking") console.info(`checking: ${bytesText(bytes(count))}`);
    else console.info(`${doing}: ${name === "" ? "" : `${name} `}${count}`);
  };
}
