/** @file A JSON body of bounded size. */
import type { IncomingMessage } from "node:http";
import { Refused } from "./route.ts";

/**
 * Reads a body to its end. Clients of both protocols leave out the content type at times, so it is not asked for; a
 * page in a browser is kept out by its Origin.
 *
 * @throws {Refused} 413, 415 or 400
 */
export async function readJson(request: IncomingMessage, bytesMost: number): Promise<unknown> {
  const tooLarge = new Refused(413, "body_too_large", `The body has more than ${bytesMost} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > bytesMost) throw tooLarge;
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new Refused(415, "compressed", "The body must not be compressed.");
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > bytesMost) throw tooLarge;
    chunks.push(chunk as Uint8Array);
  }
  if (bytes === 0) return {};
  const text = Buffer.concat(chunks).toString("utf8");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(400, "invalid_json", "The body is not JSON.");
  }
  if (typeof body === "object" && body !== null) sent.set(body, text);
  return body;
}

/** Bodies' texts, for as long as the bodies are used. */
const sent = new WeakMap<object, string>();

/** The text that a body was read from, for messages that repeat what was sent. */
export function sentText(body: object): string | undefined {
  return sent.get(body);
}
