/** @file Sends a file of the store as a download, never as a page, and in ranges on request. */
import type { IncomingMessage } from "node:http";
import type { HttpError, Reply } from "../../http/index.ts";
import { fileReply, type SentFile } from "../../http/index.ts";
import type { ArtifactStore } from "../../index.ts";
import { notFound } from "./refuse.ts";

/** Media type of files, so that a browser downloads stored content instead of running it. */
export const file = "application/octet-stream";

/**
 * Sends a file, or the range in the request's `Range`.
 *
 * @throws {HttpError} if there is no such file
 */
export async function sendArtifact(
  store: ArtifactStore,
  key: string,
  request: IncomingMessage,
): Promise<Reply> {
  const bytes = await store.size(key);
  if (bytes === null) throw noSuchFile();
  const name = key.slice(key.lastIndexOf("/") + 1);
  const open: SentFile["open"] = (range) => store.open(key, range);
  const reply = await fileReply({ bytes, name, open, type: file, isShown: false }, request);
  if (reply === null) throw noSuchFile();
  return reply;
}

/** The refusal for a missing file. */
export function noSuchFile(): HttpError {
  return notFound("There is no such artifact.");
}
