/**
 * @file A run's file for the page: pictures and sounds as what they are, everything else as a download. Whatever a
 * client stored, a browser shows no page and runs no script of it.
 */
import type { OpenRunFile } from "../../../app/dashboard/index.ts";
import { type Call, Refusal, type Reply } from "../../http/route.ts";

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
 * @throws {Refusal} 404 where it is gone meanwhile
 * @source RFC 9110, section 14 (ranges); RFC 6266 (attachments)
 */
export async function sendFile({ bytes, name, open }: OpenRunFile, { request }: Call): Promise<Reply> {
  const range = rangeOf(request.headers.range, bytes);
  if (range === "none") return { status: 416, headers: { "content-range": `bytes */${bytes}` }, body: null };
  const opened = request.method === "HEAD" ? null : await open(range ?? undefined);
  if (opened === null && request.method !== "HEAD") throw noSuchFile();
  const { from, to } = range ?? { from: 0, to: bytes };
  const type = shownTypes.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
  const fileName = encodeURIComponent(name).replace(/['()*]/g, escaped);
  return {
    status: range ? 206 : 200,
    headers: {
      "content-type": type ?? download,
      "content-disposition": `${type ? "inline" : "attachment"}; filename*=UTF-8''${fileName}`,
      "content-length": String(to - from),
      "cross-origin-resource-policy": "same-origin",
      "accept-ranges": "bytes",
      ...(range ? { "content-range": `bytes ${from}-${to - 1}/${bytes}` } : {}),
    },
    body: opened?.content ?? null,
  };
}

/** The refusal for a file that is not there. */
export function noSuchFile(): Refusal {
  return new Refusal(
    404,
    "no_such_file",
    "There is no such file. GET runs/ID/files lists those that there are.",
  );
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** One range; several, and what is no range, count as none asked for. `none`: it lies behind the end. */
function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | "none" | null {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    const count = Math.min(Number(last), bytes);
    return count === 0 ? "none" : { from: bytes - count, to: bytes };
  }
  const from = Number(first);
  if (from >= bytes) return "none";
  const to = last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  return to <= from ? null : { from, to };
}
