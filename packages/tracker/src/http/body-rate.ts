/**
 * @file Enforces a minimum rate of request bodies. A large file may take hours at a steady rate, but a client that
 * sends a byte now and then would hold its connection forever.
 */
import type { IncomingMessage } from "node:http";

/** Minimum rate of a client: bytes per interval in milliseconds. */
export interface BodyRate {
  readonly bytes: number;
  readonly ms: number;
}

/** About a quarter of a telephone modem's rate. */
export const slowestBody: BodyRate = { bytes: 32 * 1024, ms: 30_000 };

/**
 * Monitors a body until it is complete. Time in which the server itself does not read, for example because of a slow
 * disk, does not count.
 *
 * @param onTooSlow called once
 * @returns a function that stops monitoring
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
    // Unread data means that the client is waiting for the server.
    if (came >= bytes || request.readableLength > 0) return;
    clearInterval(timer);
    onTooSlow();
  }, ms);
  timer.unref();
  request.once("end", () => clearInterval(timer));
  return () => clearInterval(timer);
}
