/** @file `tunewise store backup`: the store and its files in one archive. */
import { type BackedUp, backUpStore } from "../../app/tracking/index.ts";
import { bytes, bytesText, countOf } from "../../quantity/index.ts";
import { type Call, isOn } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { plain } from "../render/place.ts";
import { archiveTeller } from "./archive-teller.ts";
import { trackingPlaces } from "./store-place.ts";
import { hostOf } from "./surroundings.ts";

/** Writes the archive. */
export async function handle(call: Call, console: Console): Promise<number> {
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
  if (console.json) console.document({ ...made });
  else {
    console.result(sentenceOf(made));
    console.info(`\nnext: tunewise store restore ${plain(made.path)} --store PLACE   (an empty one)`);
  }
  return DONE;
}

function sentenceOf({ path, bytes: size, rows, files }: BackedUp): string {
  const what = files === null ? "without files" : countOf(files, "file");
  return `${plain(path)}: ${countOf(rows, "row")}, ${what}, ${bytesText(bytes(size))}`;
}
