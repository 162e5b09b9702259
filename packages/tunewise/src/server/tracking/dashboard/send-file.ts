/**
 * @file A run's file for the page: pictures and sounds as what they are, everything else as a download. Whatever a
 * client stored, a browser shows no page and runs no script of it.
 */
import type { OpenRunFile } from "../../../app/dashboard/index.ts";
import { fileReply } from "../../http/file-reply.ts";
import { type Call, HttpError, type Reply } from "../../http/route.ts";

/**
 * Types that hold no script. SVG and HTML do, and are not among them.
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
 * Sends a file, or the part that `Range` names: sounds are fetched in parts.
 *
 * @throws {HttpError} 404 where it is gone meanwhile
 */
export async function sendFile({ bytes, name, open }: OpenRunFile, { request }: Call): Promise<Reply> {
  const shown = shownTypes.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
  const file = { bytes, name, open, type: shown ?? download, isShown: shown !== undefined };
  const reply = await fileReply(file, request);
  if (reply === null) throw noSuchFile();
  return { ...reply, headers: { ...reply.headers, "cross-origin-resource-policy": "same-origin" } };
}

/** The refusal for a file that is not there. */
export function noSuchFile(): HttpError {
  return new HttpError(
    404,
    "no_such_file",
    "There is no such file. GET runs/ID/files lists those that there are.",
  );
}
