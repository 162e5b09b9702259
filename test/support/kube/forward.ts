/** @file Forwards a request unchanged to another server and returns its response, or the upgraded connection. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { RequestHeaders } from "./rest.ts";

/** The target of a forwarded request. */
export interface Target {
  /** Such as `http://127.0.0.1:8265`. */
  readonly url: string;
  /** The target's CA certificate. */
  readonly ca?: string | null;
  readonly path: string;
  readonly headers: RequestHeaders;
}

/** The headers of a request, without the named ones. */
export function headersOf(request: IncomingMessage, ...without: readonly string[]): RequestHeaders {
  const pairs = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(pairs.filter(([name]) => !without.includes(name)));
}

/**
 * Forwards a request and streams the response.
 *
 * @param onAnswer returns `true` if it handles the response itself
 * @throws {Error} the server cannot be reached
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  onAnswer: (answer: IncomingMessage) => boolean = () => false,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = send(request, target);
    sent.once("error", (error) => (response.headersSent ? response.destroy() : reject(error)));
    sent.once("response", (answer) => {
      resolve();
      if (onAnswer(answer)) return;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.once("error", () => response.destroy());
      answer.pipe(response);
    });
    response.once("close", () => sent.destroy());
    request.pipe(sent);
  });
}

/** Forwards a protocol upgrade, such as a WebSocket's, and the data after it. */
export function forwardUpgrade(request: IncomingMessage, near: Duplex, head: Buffer, target: Target): void {
  const sent = send(request, target);
  near.on("error", () => sent.destroy());
  sent.once("error", () => near.destroy());
  sent.once("response", (answer) => {
    near.write(headOf(answer));
    answer.pipe(near);
  });
  sent.once("upgrade", (answer, far, rest) => {
    near.write(headOf(answer));
    if (rest.length > 0) near.write(rest);
    if (head.length > 0) far.write(head);
    far.on("error", () => near.destroy()).once("close", () => near.destroy());
    near.once("close", () => far.destroy());
    far.pipe(near).pipe(far);
  });
  sent.end();
}

function send({ method = "GET" }: IncomingMessage, target: Target): ReturnType<typeof httpRequest> {
  const { url, ca = null, path, headers } = target;
  const start = ca === null ? httpRequest : httpsRequest;
  const { protocol, hostname, port } = new URL(url);
  const options = {
    protocol,
    hostname,
    port,
    method,
    path,
    headers,
    agent: false,
    ...(ca !== null && { ca }),
  };
  return start(options);
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join("\r\n")}\r\n\r\n`;
}
