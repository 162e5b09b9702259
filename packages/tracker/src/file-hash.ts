/** @file Size and content hash of a file. */
import { createHash } from "node:crypto";
import { errorCode, errorReason } from "@tunewise/core/files";
import { bytes } from "@tunewise/core/quantity";
import { openRegularFile } from "@tunewise/core/untrusted";
import { problem } from "./problem/index.ts";
import type { Artifact } from "./store.ts";

/**
 * Returns size and SHA-256 of a file, streamed because weights may exceed memory, or `null` if it is missing. An
 * unreadable file throws, since it would be absent from the record of a completed run.
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
    if (errorCode(cause) === "ENOENT") return null; // Not every run writes every file.
    throw problem("RUN_FILE_UNREADABLE", { path, reason: errorReason(cause) }, { cause });
  }
  return { bytes: bytes(size), sha256: hash.digest("hex") };
}
