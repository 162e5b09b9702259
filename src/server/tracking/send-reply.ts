/**
 * @file Sends what a route answers.
 */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Reply } from "./route.ts";

/**
 * Nothing that a client stored may act as a page of this server.
 *
 * @source OWASP Secure Headers Project: X-Content-Type-Options, Content-Security-Policy sandbox
 */
const careful = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
};

/** Sends a reply to its end; a response that has begun stays as it is. */
export async function sendReply(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  if (body instanceof Readable) {
    response.writeHead(status, { ...careful, ...headers });
    await pipeline(body, response).catch((error: NodeJS.ErrnoException) => {
      // A client that has all it wants, or nothing more to wait for, is no failure of the server's.
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    });
    return;
  }
  const text = body === null ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const bytes = Buffer.from(text);
  const type = typeof body === "string" || body === null ? "text/plain" : "application/json";
  const about = { "content-type": `${type}; charset=utf-8`, "content-length": String(bytes.length) };
  response.writeHead(status, { ...careful, ...about, ...headers });
  response.end(bytes);
}
