/** @file `tunewise store restore`: an archive into a store without content. */

import { restoreStore } from "../../app/tracking/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { Call } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import { plain } from "../render/place.ts";
import { archiveTeller } from "./archive-teller.ts";
import { trackingPlaces } from "./store-place.ts";
import { hostOf } from "./surroundings.ts";

/** Brings it back. */
export async function handle(call: Call, console: Console): Promise<number> {
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
  if (console.json) console.document({ ...made });
  else {
    const { store, artifacts, rows, files, createdAt } = made;
    const where = files === null ? "without files" : `${countOf(files, "file")} in ${plain(artifacts)}`;
    console.result(`${plain(store)}: ${countOf(rows, "row")} as of ${plain(createdAt)}, ${where}`);
    console.info("\nnext: tunewise serve   (with the same --store and --artifacts)");
  }
  return DONE;
}
