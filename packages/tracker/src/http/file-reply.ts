/** @file Replies with a file, or with the range that a client requests. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { Reply } from "./route.ts";

/** A file to send. */
export interface SentFile {
  readonly bytes: number;
  readonly name: string;
  /** Opens the file or a range of it; `null` if it no longer exists. */
  readonly open: (range?: {
    readonly from: number;
    readonly to: number;
  }) => Promise<{ readonly content: Readable } | null>;
  /** Media type. */
  readonly type: string;
  /** Whether a browser may display it; otherwise it downloads it regardless of the type. */
  readonly isShown: boolean;
}

/**
 * Sends a file or the range in `Range`; returns `null` if the file no longer exists.
 *
 * @source RFC 9110, section 14 (ranges); RFC 6266 (attachments)
 */
export async function fileReply(
  { bytes, name, open, type, isShown }: SentFile,
  { headers, method }: IncomingMessage,
): Promise<Reply | null> {
  const range = rangeOf(headers.range, bytes);
  if (range === "none") return { status: 416, headers: { "content-range": `bytes */${bytes}` }, body: null };
  const opened = method === "HEAD" ? null : await open(range ?? undefined);
  if (opened === null && method !== "HEAD") return null;
  const { from, to } = range ?? { from: 0, to: bytes };
  const fileName = encodeURIComponent(name).replace(/['()*]/g, escaped);
  return {
    status: range ? 206 : 200,
    headers: {
      "content-type": type,
      "content-disposition": `${isShown ? "inline" : "attachment"}; filename*=UTF-8''${fileName}`,
      "content-length": String(to - from),
      "accept-ranges": "bytes",
      ...(range ? { "content-range": `bytes ${from}-${to - 1}/${bytes}` } : {}),
    },
    body: opened?.content ?? null,
  };
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Parses a single range. Returns `null` for several or an invalid one, and `none` for one beyond the end. */
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
