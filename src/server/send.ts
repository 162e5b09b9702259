/**
 * @file A response of one JSON object.
 */
import type { ServerResponse } from "node:http";

/** Sends a body with its length and ends the response; one that has begun, or that nobody reads, stays as it is. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  const about = { "content-type": "application/json; charset=utf-8", "content-length": String(bytes.length) };
  response.writeHead(status, { ...about, "cache-control": "no-store", ...headers });
  response.end(bytes);
}
