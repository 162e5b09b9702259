/** @file The address of the API behind the proxy, and the headers that pass in each direction. */
import type { IncomingHttpHeaders } from "node:http";
import { problem } from "../../problem/index.ts";

/** The API behind the proxy. */
export interface Upstream {
  readonly isSecure: boolean;
  readonly host: string;
  /** Name for TLS and connection, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Path of the API, such as `/v1`, without a slash at the end. */
  readonly path: string;
}

/**
 * Reads the address of an API.
 *
 * @throws {TunewiseError} `RECORD_UPSTREAM_INVALID`
 */
export function readUpstream(text: string): Upstream {
  const refuse = (reason: string): Error =>
    problem("RECORD_UPSTREAM_INVALID", { found: text === "" ? "URL" : shownAddress(text), reason });
  if (text === "") throw refuse("it is missing");
  if (!URL.canParse(text)) throw refuse("it is not a URL");
  const { protocol, host, hostname, port, pathname, username, password, search } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") throw refuse("it is neither http nor https");
  if (username !== "" || password !== "")
    throw refuse("callers send their own key, so it must not contain one");
  if (search !== "") throw refuse("it has a query");
  const isSecure = protocol === "https:";
  return {
    isSecure,
    host,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    path: pathname.replace(/\/+$/, ""),
  };
}

/** An address without a key that somebody wrote into it. */
function shownAddress(text: string): string {
  return JSON.stringify(text.replace(/\/\/[^/@]*@/, "//***@").slice(0, 200));
}

/** The path at the API: its own path replaces `/v1`; any other path is added to it. */
export function upstreamPath({ path }: Upstream, requested: string): string {
  const rest = /^\/v1(?=[/?]|$)(.*)$/.exec(requested)?.[1];
  return `${path}${rest ?? requested}` || "/";
}

/** Whether a request is a chat completion, on any path of an API, such as Azure's. */
export function isChatCompletion(method: string | undefined, requested: string): boolean {
  return method === "POST" && /\/chat\/completions\/?$/.test(requested.split("?", 1)[0] ?? "");
}

/** Headers of one connection, which are never passed on. @source RFC 9110, 7.6.1 */
const connectionHeaders: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"],
  ...["te", "trailer", "transfer-encoding", "upgrade"],
]);

/** Header that names the user of a call. It is for the recorder only. */
export const userHeader = "x-tunewise-user";

/** Headers to pass on, as pairs in their order and case. */
export function passedHeaders(raw: readonly string[], headers: IncomingHttpHeaders): string[] {
  const named = (headers.connection ?? "").toLowerCase().split(",");
  const own = new Set(named.map((name) => name.trim()));
  const passed: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = "", value = ""] = [raw[at], raw[at + 1]];
    const lower = name.toLowerCase();
    if (connectionHeaders.has(lower) || own.has(lower) || lower === userHeader) continue;
    passed.push(name, value);
  }
  return passed;
}

/** Headers for the API: its own host, and the length or the chunks of the body. */
export function requestHeaders(
  upstream: Upstream,
  raw: readonly string[],
  headers: IncomingHttpHeaders,
): string[] {
  const passed = passedHeaders(raw, headers);
  const withoutHost: string[] = ["Host", upstream.host];
  for (let at = 0; at + 1 < passed.length; at += 2) {
    const name = passed[at] ?? "";
    if (name.toLowerCase() !== "host") withoutHost.push(name, passed[at + 1] ?? "");
  }
  if (headers["transfer-encoding"] !== undefined) withoutHost.push("Transfer-Encoding", "chunked");
  return withoutHost;
}
