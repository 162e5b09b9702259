/**
 * @file `tunewise backup`: the store and its files in one archive.
 */
import { type BackedUp, backUpStore } from "../../app/tracking/index.ts";
import { bytes, bytesText, countOf } from "../../quantity/index.ts";
import { type Call, isOn } from "../command.ts";
import { DONE, INTERRUPTED } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { archiveTeller } from "./archive-teller.ts";
import { hostOf } from "./surroundings.ts";
import { trackingPlaces } from "./tracking-places.ts";

/** Writes the archive. */
export async function handle(call: Call, face: Face): Promise<number> {
  const places = trackingPlaces(call, face);
  const writing = backUpStore(call.words[0] ?? "", hostOf(face), {
    places,
    withoutFiles: isOn(call, "without-artifacts"),
    onProgress: archiveTeller(face),
  });
  const made = await writing.catch((error: unknown) => {
    if (face.world.signal.aborted) return null;
    throw error;
  });
  if (made === null) {
    face.complain("stopped; no archive was kept");
    return INTERRUPTED;
  }
  if (face.json) face.document({ ...made });
  else {
    face.result(sentenceOf(made));
    face.talk(`\nnext: tunewise restore ${plain(made.path)} --store PLACE   (an empty one)`);
  }
  return DONE;
}

function sentenceOf({ path, bytes: size, rows, files }: BackedUp): string {
  const what = files === null ? "without files" : countOf(files, "file");
  return `${plain(path)}: ${countOf(rows, "row")}, ${what}, ${bytesText(bytes(size))}`;
}
