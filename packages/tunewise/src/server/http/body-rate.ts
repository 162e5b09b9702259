/**
 * @file A floor on the rate of bodies. A large file may take hours, as long as it comes; a client that sends a byte now
 * and then would hold a connection without end.
 */
import type { IncomingMessage } from "node:http";

/** The least that a client has to send: so many bytes in so many milliseconds. */
export interface BodyRate {
  readonly bytes: number;
  readonly ms: number;
}

/** A quarter of what a telephone modem sent. */
export const slowestBody: BodyRate = { bytes: 32 * 1024, ms: 30_000 };

/**
 * Watches a body until it is complete. Time in which the server itself does not read, as its disk is slow, is not held
 * against the client.
 *
 * @param onTooSlow called once
 * @returns stops the watch
 */
export function watchBody(
  request: IncomingMessage,
  { bytes, ms }: BodyRate,
  onTooSlow: () => void,
): () => void {
  const { headers } = request;
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (request.complete || !hasBody) return () => undefined;
  let before = request.socket.bytesRead;
  const timer = setInterval(() => {
    if (request.complete || request.destroyed) return clearInterval(timer);
    const came = request.socket.bytesRead - before;
    before += came;
    // What has come and was not taken yet: the client waits for the server.
    if (came >= bytes || request.readableLength > 0) return;
    clearInterval(timer);
    onTooSlow();
  }, ms);
  timer.unref();
  request.once("end", () => clearInterval(timer));
  return () => clearInterval(timer);
}
