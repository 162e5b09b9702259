/**
 * @file The JSON body of a request, of bounded size.
 */
import type { IncomingMessage } from "node:http";
import { type Refusal, refusal } from "./refusal.ts";

/** Reads a body to its end, or refuses it as soon as it is known to be no use. */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly body: unknown } | Refusal> {
  const { headers } = request;
  if (!/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) {
    return refusal(415, "unsupported_content_type", "The body must be JSON: Content-Type: application/json.");
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return refusal(415, "unsupported_content_encoding", "The body must not be compressed.");
  }
  const bytes = await readBytes(request, maxBytes);
  return bytes instanceof Uint8Array ? parse(bytes) : bytes;
}

/** What comes after a refusal is read and thrown away, so that the client gets to read the refusal. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | Refusal> {
  const tooLarge = refusal(413, "body_too_large", `The body has more than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(tooLarge);
  const chunks: Uint8Array[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(tooLarge);
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => resolve(refusal(400, "body_incomplete", "The body did not arrive whole.")));
  });
}

function parse(bytes: Uint8Array): { readonly body: unknown } | Refusal {
  try {
    return { body: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return refusal(400, "invalid_json", `The body is not JSON: ${reason.slice(0, 200)}.`);
  }
}
