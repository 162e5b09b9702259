/** @file Serves the page: its document, its files, and the links to runs that clients print. */
import type { IncomingMessage } from "node:http";
import { HttpError, type Protocol, type Reply, type Route } from "../../http/index.ts";
import { type PageFile, type PageFiles, readPageFiles } from "./page-files.ts";

/**
 * Content security policy: scripts and styles only from this server, no frames, no forms, no markup from strings.
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
  "cache-control": "no-cache", // revalidated on each load, but sent again only if changed
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** Cacheable forever, since the names of assets contain a hash of their content. */
const assetHeaders = { "cache-control": "public, max-age=31536000, immutable" };

/** Paths that return the document: its own, and those that W&B clients print. MLflow's links go to `/#/…`. */
const documentPaths = ["/", "/:entity/:project/runs/:id", "/:entity/:project/workspace"];

/**
 * Creates the protocol that serves the page.
 *
 * @param folder with `index.html` and `assets`; read at the first request
 */
export function pageProtocol(folder: string): Protocol {
  let reading: Promise<PageFiles | null> | null = null;
  const page = async (): Promise<PageFiles> => {
    reading ??= readPageFiles(folder);
    const found = await reading;
    if (found) return found;
    reading = null; // retried on the next request, since a build may exist by then
    throw new HttpError(404, "page_missing", "The page is not built here: npm run build");
  };
  const route = (path: string, summary: string, handle: Route["handle"]): Route => ({
    method: "GET",
    path,
    summary,
    policy: "open",
    about: "nothing",
    maxBodyBytes: 0,
    type: "text/html",
    handle,
  });
  return {
    name: "page",
    about: "The web page.",
    refuse,
    error: { type: "string" },
    invalid: ({ message }) => new HttpError(400, "invalid_request", message),
    routes: [
      ...documentPaths.map((path) =>
        route(path, "Get the web page.", async (_, { request }) =>
          replyWith((await page()).document, request, documentHeaders),
        ),
      ),
      route("/assets/:name", "Get a file of the web page.", async (_, { request, params }) => {
        const file = (await page()).assets.get(params["name"] ?? "");
        if (!file) throw new HttpError(404, "unknown_url", "The page has no such file: load it again.");
        return replyWith(file, request, assetHeaders);
      }),
    ],
  };
}

/** Replies with a file in an encoding that the browser accepts, or with 304 if the browser has it. */
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
  if (error instanceof HttpError) return { status: error.status, body: error.message };
  return { status: 500, body: "The server failed to answer." };
}
