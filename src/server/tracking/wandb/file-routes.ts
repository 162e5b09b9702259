/** @file Files in and out, by signed addresses; streamed, never held. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { artifactKey } from "../../../track/index.ts";
import { type Call, Refused, type Reply, type Route } from "../route.ts";
import { demandedMd5, type FileLinks, type LinkMode } from "./file-links.ts";

const path = "/wandb-files/:mark/:until/*key";

/** The routes; their policy is open, as an address is its own permission. */
export function fileRoutes(desk: TrackingContext, links: FileLinks): Route[] {
  const about = { path, policy: "open", about: "nothing", bodyBytesMost: 0 } as const;
  return [
    { ...about, method: "PUT", handle: async (call) => put(desk, await keyOf(links, "put", call), call) },
    { ...about, method: "GET", handle: async (call) => get(desk, await keyOf(links, "get", call), call) },
  ];
}

/** @throws {Refused} 403 */
async function keyOf(links: FileLinks, mode: LinkMode, { words }: Call): Promise<string> {
  const key = artifactKey(words["key"] ?? "");
  const isValid = key !== null && (await links.isValid(mode, key, words["until"] ?? "", words["mark"] ?? ""));
  if (!isValid || key === null)
    throw new Refused(403, "bad_link", "This address is not valid, or not any more.");
  return key;
}

async function put(desk: TrackingContext, key: string, { request }: Call): Promise<Reply> {
  const md5 = demandedMd5(key);
  try {
    await desk.artifacts.put(key, md5 === null ? request : Readable.from(checked(request, md5)));
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    throw cause instanceof Refused ? cause : error;
  }
  return { status: 200, body: {} };
}

/**
 * Passes chunks on, and fails at the end where they are not what was announced: what lies under a content's name is
 * that content.
 */
async function* checked(chunks: AsyncIterable<Uint8Array>, md5: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("md5");
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== md5) {
    throw new Refused(400, "wrong_content", "What came is not what its MD5 announced.");
  }
}

async function get(desk: TrackingContext, key: string, { request }: Call): Promise<Reply> {
  const bytes = await desk.artifacts.size(key);
  if (bytes === null) throw new Refused(404, "no_such_file", "There is no such file.");
  const range = rangeOf(request.headers.range, bytes);
  const file = await desk.artifacts.open(key, range ?? undefined);
  if (!file) throw new Refused(404, "no_such_file", "There is no such file.");
  const length = range ? range.to - range.from : bytes;
  return {
    status: range ? 206 : 200,
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": "attachment",
      "accept-ranges": "bytes",
      "content-length": String(length),
      ...(range ? { "content-range": `bytes ${range.from}-${range.to - 1}/${bytes}` } : {}),
    },
    body: file.content,
  };
}

/** One range of bytes, as large files are fetched in parts; whatever else is asked for gives the whole file. */
function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | null {
  const found = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "");
  if (!found) return null;
  const from = Number(found[1]);
  const to = found[2] === "" ? bytes : Math.min(Number(found[2]) + 1, bytes);
  return from < to ? { from, to } : null;
}
