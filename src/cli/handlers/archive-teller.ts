/**
 * @file Says how far a backup or a restore is.
 */
import { bytes, bytesText } from "../../quantity/index.ts";
import type { ArchiveProgress } from "../../track/index.ts";
import type { Face } from "../face.ts";

/** Milliseconds between lines on how far it is. */
const tellEvery = 5_000;

/** A teller for a face. */
export function archiveTeller(face: Face): (progress: ArchiveProgress) => void {
  let toldAt = face.world.now();
  return ({ doing, name, count }) => {
    const now = face.world.now();
    if (now - toldAt < tellEvery) return;
    toldAt = now;
    if (doing === "checking") face.talk(`checking: ${bytesText(bytes(count))}`);
    else face.talk(`${doing}: ${name === "" ? "" : `${name} `}${count}`);
  };
}
