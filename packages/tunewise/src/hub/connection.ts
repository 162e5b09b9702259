/** @file Requests to the hub: the token is sent to the hub's own address only, with idle and size limits. */
import { problem } from "../problem/index.ts";
import type { SourceContext } from "./source-context.ts";

/** Timeouts and retries. */
export interface RetryPolicy {
  /** Idle time after which a connection counts as broken. */
  readonly stallMilliseconds: number;
  /** Pause before the second attempt; doubled each time. */
  readonly pauseMilliseconds: number;
  /** Consecutive attempts without a byte of progress. */
  readonly attempts: number;
}

/** Defaults: one minute of idle time, five attempts. */
export const defaultRetryPolicy: RetryPolicy = {
  stallMilliseconds: 60_000,
  pauseMilliseconds: 250,
  attempts: 5,
};

/** The part of the context that a request needs. */
export type HubAccess = Pick<SourceContext, "endpoint" | "token"> & {
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
};

/** A response that is being read; `close` ends the response and its timer. */
export interface HubResponse {
  readonly response: Response;
  /** Resets the idle timer after bytes have arrived. */
  progress(): void;
  close(): void;
}

const maximumRedirects = 5;

/**
 * Sends a GET request and follows redirects manually, to control where the token goes.
 *
 * @throws the context's abort reason, or the network's own error
 */
export async function requestHub(
  access: HubAccess,
  address: string,
  headers: Readonly<Record<string, string>>,
  patience: RetryPolicy,
): Promise<HubResponse> {
  access.signal?.throwIfAborted();
  const watch = new AbortController();
  const stalled = new Error(`nothing came for ${patience.stallMilliseconds / 1000} s`);
  const timer = setTimeout(() => watch.abort(stalled), patience.stallMilliseconds);
  timer.unref();
  const signal = access.signal ? AbortSignal.any([access.signal, watch.signal]) : watch.signal;
  const close = (): void => {
    clearTimeout(timer);
    watch.abort(new Error("closed"));
  };
  try {
    const response = await follow(access, address, headers, signal);
    return { response, progress: () => timer.refresh(), close };
  } catch (error) {
    const cause = watch.signal.aborted ? watch.signal.reason : error;
    close();
    access.signal?.throwIfAborted();
    throw cause;
  }
}

async function follow(
  access: HubAccess,
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const home = new URL(access.endpoint).origin;
  let url = new URL(address);
  for (let i = 0; i <= maximumRedirects; i++) {
    const sent = new Headers(headers);
    if (access.token !== null && url.origin === home) sent.set("authorization", `Bearer ${access.token}`);
    const response = await access.fetch(url, { headers: sent, redirect: "manual", signal });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    const isWeaker = url.protocol === "https:" && next.protocol !== "https:";
    if (isWeaker || !/^https?:$/.test(next.protocol)) throw new Error(`it redirects to ${next.protocol}//`);
    url = next;
  }
  throw new Error(`it redirects more than ${maximumRedirects} times`);
}

/** The hub's host, for messages. */
export function hubHost(access: Pick<HubAccess, "endpoint">): string {
  return new URL(access.endpoint).host;
}

/**
 * Checks for responses that deny access.
 *
 * @throws {TunewiseError} `MODEL_ACCESS_DENIED`
 */
export function checkAccess(access: HubAccess, id: string, status: number): void {
  if (status !== 401 && status !== 403) return;
  throw problem("MODEL_ACCESS_DENIED", { host: hubHost(access), status, id });
}

/** A network error as a short text, with the cause that `fetch` hides. */
export function networkReason(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown; message?: unknown } } | null)?.cause;
  const inner = cause?.code ?? cause?.message;
  const message = error instanceof Error ? error.message : String(error);
  return inner === undefined ? message : `${message}: ${String(inner)}`;
}
