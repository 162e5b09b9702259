/** @file Requests to an API server by its address, as operators and tests make them. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Fields } from "./resources.ts";

/** An API server, and who asks. */
export interface ApiServer {
  /** Such as `https://127.0.0.1:6443`. */
  readonly url: string;
  /** Certificate that it is known by; `null`: plain HTTP. */
  readonly ca: string | null;
  readonly token: string;
}

/** What a server answers. */
export interface KubeAnswer {
  readonly status: number;
  /** As JSON; `null` where it is none. */
  readonly body: Fields;
  readonly text: string;
}

/** Headers of a request beside those of every one. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** Asks a server, and waits for its whole answer. */
export function askServer(
  server: ApiServer,
  method: string,
  path: string,
  body: unknown = undefined,
  headers: RequestHeaders = {},
): Promise<KubeAnswer> {
  const content = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const all = {
    ...{ accept: "application/json", authorization: `Bearer ${server.token}`, ...headers },
    ...(content !== null && { "content-type": "application/json", "content-length": content.length }),
  };
  const send = server.ca === null ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const options = { method, headers: all, timeout: 30_000, ...(server.ca !== null && { ca: server.ca }) };
    const sent = send(new URL(path, server.url), options, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part)).once("error", reject);
      answer.once("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        resolve({ status: answer.statusCode ?? 0, body: jsonOf(text), text });
      });
    });
    sent.once("timeout", () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.once("error", reject);
    sent.end(content ?? undefined);
  });
}

function jsonOf(text: string): Fields {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
