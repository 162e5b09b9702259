/** @file Says how far a backup or a restore is. */
import { bytes, bytesText } from "../../quantity/index.ts";
import type { ArchiveProgress } from "../../track/index.ts";
import type { Console } from "../console.ts";

/** Milliseconds between lines on how far it is. */
const tellEvery = 5_000;

/** A teller for a console. */
export function archiveTeller(console: Console): (progress: ArchiveProgress) => void {
  let toldAt = console.io.now();
  return ({ doing, name, count }) => {
    const now = console.io.now();
    if (now - toldAt < tellEvery) return;
    toldAt = now;
    if (doing === "checking") console.info(`checking: ${bytesText(bytes(count))}`);
    else console.info(`${doing}: ${name === "" ? "" : `${name} `}${count}`);
  };
}
