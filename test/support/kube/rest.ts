/** @file Requests to an API server by URL, as operators and tests send them. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Fields } from "./resources.ts";

/** An API server and the credentials for it. */
export interface ApiServer {
  /** Such as `https://127.0.0.1:6443`. */
  readonly url: string;
  /** CA certificate; `null`: plain HTTP. */
  readonly ca: string | null;
  readonly token: string;
}

/** A response of the server. */
export interface KubeAnswer {
  readonly status: number;
  /** The parsed JSON; `null` if the text is not JSON. */
  readonly body: Fields;
  readonly text: string;
}

/** Headers added to the default ones. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** Sends a request and waits for the complete response. */
export function askServer(
  server: ApiServer,
  method: string,
  path: string,
  body: unknown = undefined,
  headers: RequestHeaders = {},
): Promise<KubeAnswer> {
  const content = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const all = {
    accept: "application/json",
    authorization: `Bearer ${server.token}`,
    ...headers,
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
