/**
 * @file What a file of a run is known by: its size and the hash of its content.
 */
import { createHash } from "node:crypto";
import { errorCode, errorReason } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";
import { bytes } from "../../quantity/index.ts";
import type { Artifact } from "../../track/index.ts";
import { openRegularFile } from "../../untrusted/index.ts";

/**
 * Size and hash of a file, read in pieces: trained weights may be larger than memory has room for. `null`: it is not
 * there; one that is there and cannot be read would be missing from the record of a run that calls itself completed.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function hashOf(path: string): Promise<Pick<Artifact, "bytes" | "sha256"> | null> {
  const hash = createHash("sha256");
  let size = 0;
  try {
    const file = await openRegularFile(path);
    for await (const piece of file.createReadStream() as AsyncIterable<Buffer>) {
      hash.update(piece);
      size += piece.length;
    }
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return null; // not every run leaves every file
    throw problem("RUN_FILE_UNREADABLE", { path, reason: errorReason(cause) }, { cause });
  }
  return { bytes: bytes(size), sha256: hash.digest("hex") };
}
