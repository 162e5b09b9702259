/** @file A file of the store as a download: never shown as a page, in parts where a client asks for parts. */
import type { IncomingMessage } from "node:http";
import type { ArtifactStore } from "../../../track/index.ts";
import type { Refusal, Reply } from "../../http/route.ts";
import { notFound } from "./refuse.ts";

/** Media type of files. Whatever a client stored, a browser saves it and does not run it. */
export const file = "application/octet-stream";

/**
 * Sends a file, or the part that the request's `Range` names.
 *
 * @throws {Refusal} where there is no such file
 * @source RFC 9110, section 14 (ranges); RFC 6266 (attachments)
 */
export async function sendArtifact(
  store: ArtifactStore,
  key: string,
  request: IncomingMessage,
): Promise<Reply> {
  const bytes = await store.size(key);
  if (bytes === null) throw noSuchFile();
  const range = readRange(request.headers.range, bytes);
  if (range === "none") {
    return { status: 416, headers: { "content-range": `bytes */${bytes}` }, body: null };
  }
  const opened = request.method === "HEAD" ? null : await store.open(key, range ?? undefined);
  if (opened === null && request.method !== "HEAD") throw noSuchFile();
  const { from, to } = range ?? { from: 0, to: bytes };
  const name = encodeURIComponent(key.slice(key.lastIndexOf("/") + 1)).replace(/['()*]/g, escaped);
  return {
    status: range ? 206 : 200,
    headers: {
      "content-type": file,
      "content-disposition": `attachment; filename*=UTF-8''${name}`,
      "content-length": String(to - from),
      "accept-ranges": "bytes",
      ...(range ? { "content-range": `bytes ${from}-${to - 1}/${bytes}` } : {}),
    },
    body: opened?.content ?? null,
  };
}

/** The refusal for a file that is not there. */
export function noSuchFile(): Refusal {
  return notFound("There is no such artifact.");
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** One range; several, and what is no range, count as none asked for. `none`: it lies behind the end. */
function readRange(header: string | undefined, bytes: number): { from: number; to: number } | "none" | null {
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
