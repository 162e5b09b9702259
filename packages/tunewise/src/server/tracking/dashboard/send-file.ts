/**
 * @file Sends a run's file to the page: images and audio with their own type, everything else as a download. The
 * browser never renders stored content as a page or runs scripts in it.
 */

import { type Call, fileReply, HttpError, type Reply } from "@tunewise/tracker/http";
import type { OpenRunFile } from "../../../app/dashboard/index.ts";

/**
 * Types that cannot contain scripts, which excludes SVG and HTML.
 *
 * @source IANA media types
 */
const shownTypes: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["avif", "image/avif"],
  ["wav", "audio/wav"],
  ["mp3", "audio/mpeg"],
  ["ogg", "audio/ogg"],
  ["oga", "audio/ogg"],
  ["flac", "audio/flac"],
  ["m4a", "audio/mp4"],
]);

/** Media type of a download. */
export const download = "application/octet-stream";

/**
 * Sends a file or the range in `Range`, since browsers fetch audio in parts.
 *
 * @throws {HttpError} 404 if it no longer exists
 */
export async function sendFile({ bytes, name, open }: OpenRunFile, { request }: Call): Promise<Reply> {
  const shown = shownTypes.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
  const file = { bytes, name, open, type: shown ?? download, isShown: shown !== undefined };
  const reply = await fileReply(file, request);
  if (reply === null) throw noSuchFile();
  return { ...reply, headers: { ...reply.headers, "cross-origin-resource-policy": "same-origin" } };
}

/** The refusal for a missing file. */
export function noSuchFile(): HttpError {
  return new HttpError(
    404,
    "no_such_file",
    "There is no such file. GET runs/ID/files lists those that there are.",
  );
}
