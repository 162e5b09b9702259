/** @file The page in the browser: one document, its files, and the links to runs that clients print. */
import type { IncomingMessage } from "node:http";
import { type Protocol, Refusal, type Reply, type Route } from "../http/route.ts";
import { type PageFile, type PageFiles, readPageFiles } from "./page-files.ts";

/**
 * Scripts and styles of this server alone, no frames, no forms, and no text that becomes markup.
 *
 * @source W3C, Content Security Policy Level 3; W3C, Trusted Types
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const documentHeaders = {
  "cache-control": "no-cache", // asked for each time, and not sent again while it is the same
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** Names hold a hash of what they hold. */
const assetHeaders = { "cache-control": "public, max-age=31536000, immutable" };

/** Paths that lead to the document: its own, and those that W&B's clients print. MLflow's lead to `/#/…`. */
const documentPaths = ["/", "/:entity/:project/runs/:id", "/:entity/:project/workspace"];

/**
 * The page that a build wrote.
 *
 * @param folder with `index.html` and `assets`; read at the first request
 */
export function pageProtocol(folder: string): Protocol {
  let reading: Promise<PageFiles | null> | null = null;
  const page = async (): Promise<PageFiles> => {
    reading ??= readPageFiles(folder);
    const found = await reading;
    if (found) return found;
    reading = null; // a build may come
    throw new Refusal(404, "page_missing", "The page is not built here: npm run build");
  };
  const route = (path: string, summary: string, handle: Route["handle"]): Route => ({
    ...{ method: "GET", path, summary, policy: "open", about: "nothing", maxBodyBytes: 0, type: "text/html" },
    handle,
  });
  return {
    ...{ name: "page", about: "The page in the browser.", refuse, error: { type: "string" } },
    invalid: ({ message }) => new Refusal(400, "invalid_request", message),
    routes: [
      ...documentPaths.map((path) =>
        route(path, "The page.", async (_, { request }) =>
          replyWith((await page()).document, request, documentHeaders),
        ),
      ),
      route("/assets/:name", "A file of the page.", async (_, { request, params }) => {
        const file = (await page()).assets.get(params["name"] ?? "");
        if (!file) throw new Refusal(404, "unknown_url", "The page has no such file: load it again.");
        return replyWith(file, request, assetHeaders);
      }),
    ],
  };
}

/** The file, compressed as the browser takes it; 304 where it has it. */
function replyWith(
  { type, etag, bytes, compressed }: PageFile,
  { headers }: IncomingMessage,
  more: Readonly<Record<string, string>>,
): Reply {
  const about = { ...more, etag, vary: "accept-encoding" };
  if (headers["if-none-match"] === etag) return { status: 304, headers: about, body: null };
  const accepted = new Set(
    String(headers["accept-encoding"] ?? "")
      .split(",")
      .map((one) => one.trim().toLowerCase()),
  );
  const best = compressed.find(({ encoding }) => accepted.has(encoding));
  const encoded = best ? { "content-encoding": best.encoding } : {};
  return { status: 200, headers: { ...about, "content-type": type, ...encoded }, body: best?.bytes ?? bytes };
}

function refuse(error: unknown): Reply {
  if (error instanceof Refusal) return { status: error.status, body: error.message };
  return { status: 500, body: "The server failed to answer." };
}
