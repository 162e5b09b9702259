/**
 * @file `tunewise restore`: an archive into a store without content.
 */

import { restoreStore } from "../../app/tracking/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { Call } from "../command.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { archiveTeller } from "./archive-teller.ts";
import { hostOf } from "./surroundings.ts";
import { trackingPlaces } from "./tracking-places.ts";

/** Brings it back. */
export async function handle(call: Call, face: Face): Promise<number> {
  const places = trackingPlaces(call, face);
  const reading = restoreStore(call.words[0] ?? "", hostOf(face), {
    places,
    onProgress: archiveTeller(face),
  });
  const made = await reading.catch((error: unknown) => {
    if (face.world.signal.aborted) return null;
    throw error;
  });
  if (made === null) {
    face.complain("stopped; the store is as it was");
    return INTERRUPTED;
  }
  if (face.json) face.document({ ...made });
  else {
    const { store, artifacts, rows, files, createdAt } = made;
    const where = files === null ? "without files" : `${countOf(files, "file")} in ${plain(artifacts)}`;
    face.result(`${plain(store)}: ${countOf(rows, "row")} as of ${plain(createdAt)}, ${where}`);
    face.talk("\nnext: tunewise serve   (with the same --store and --artifacts)");
  }
  return DONE;
}
