/** @file A file as a reply: whole, or the part that a client asks for. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { Reply } from "./route.ts";

/** A file that can be opened. */
export interface SentFile {
  readonly bytes: number;
  readonly name: string;
  /** Opens it, or a part of it; `null`: it is gone meanwhile. */
  readonly open: (range?: {
    readonly from: number;
    readonly to: number;
  }) => Promise<{ readonly content: Readable } | null>;
  /** Media type. */
  readonly type: string;
  /** Whether a browser may show it; otherwise it saves it, whatever the type says. */
  readonly isShown: boolean;
}

/**
 * Sends a file, or the part that `Range` names; `null` where it is gone meanwhile.
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
