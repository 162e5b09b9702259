/** @file Routes that transfer files by signed addresses, as streams. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { type Call, HttpError, type Reply, type Route, requirePlain } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { artifactKey } from "../../index.ts";
import { problem } from "../../problem/index.ts";
import { demandedMd5, type FileLinks, type LinkMode } from "./file-links.ts";

const path = "/wandb-files/:mark/:until/*key";
const file = "application/octet-stream";

/** The routes. Their policy is open, since the address itself is the permission. */
export function fileRoutes(context: TrackingContext, links: FileLinks): Route[] {
  const base = { path, policy: "open", about: "nothing", maxBodyBytes: 0 } as const;
  return [
    {
      ...base,
      method: "PUT",
      bodyType: file,
      summary: "Upload a file to a signed, expiring URL issued by GraphQL.",
      handle: async (_, call) => put(context, await keyOf(links, "put", call), call),
    },
    {
      ...base,
      method: "GET",
      summary: "Download a file from a signed, expiring URL issued by GraphQL.",
      type: file,
      handle: async (_, call) => get(context, await keyOf(links, "get", call), call),
    },
  ];
}

/** @throws {HttpError} 403 */
async function keyOf(links: FileLinks, mode: LinkMode, { params }: Call): Promise<string> {
  const key = artifactKey(params["key"] ?? "");
  const isValid =
    key !== null && (await links.isValid(mode, key, params["until"] ?? "", params["mark"] ?? ""));
  if (!isValid || key === null)
    throw new HttpError(403, "bad_link", "This address is not valid, or not any more.");
  return key;
}

/** @throws {TunewiseError} `UPLOAD_CUT_OFF` if the client disconnected, and the errors of the store */
async function put(context: TrackingContext, key: string, { request }: Call): Promise<Reply> {
  requirePlain(request);
  const counted = { bytes: 0 };
  try {
    const content = checked(request, demandedMd5(key), counted);
    await context.artifacts.put(key, Readable.from(content, { objectMode: false }));
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof HttpError) throw cause;
    if (request.complete || !request.destroyed) throw error;
    throw problem("UPLOAD_CUT_OFF", { path: key.slice(0, 200), bytes: counted.bytes }, { cause: error });
  }
  return { status: 200, body: {} };
}

/**
 * Passes chunks on, and throws at the end if their MD5 does not match, so that content is only stored under its own
 * hash.
 */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  md5: string | null,
  counted: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const hash = createHash("md5");
  for await (const chunk of chunks) {
    counted.bytes += chunk.length;
    if (md5 !== null) hash.update(chunk);
    yield chunk;
  }
  if (md5 !== null && hash.digest("hex") !== md5) {
    throw new HttpError(400, "wrong_content", "What came is not what its MD5 announced.");
  }
}

async function get(context: TrackingContext, key: string, { request }: Call): Promise<Reply> {
  const bytes = await context.artifacts.size(key);
  if (bytes === null) throw new HttpError(404, "no_such_file", "There is no such file.");
  const range = rangeOf(request.headers.range, bytes);
  const opened = await context.artifacts.open(key, range ?? undefined);
  if (!opened) throw new HttpError(404, "no_such_file", "There is no such file.");
  const length = range ? range.to - range.from : bytes;
  return {
    status: range ? 206 : 200,
    headers: {
      "content-type": file,
      "content-disposition": "attachment",
      "accept-ranges": "bytes",
      "content-length": String(length),
      ...(range ? { "content-range": `bytes ${range.from}-${range.to - 1}/${bytes}` } : {}),
    },
    body: opened.content,
  };
}

/** Parses a single range of bytes; for any other range the complete file is sent. */
function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | null {
  const found = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "");
  if (!found) return null;
  const from = Number(found[1]);
  const to = found[2] === "" ? bytes : Math.min(Number(found[2]) + 1, bytes);
  return from < to ? { from, to } : null;
}
