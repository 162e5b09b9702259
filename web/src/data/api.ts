/** @file Calls the server's API, typed by its OpenAPI document. */
import { signal } from "@preact/signals";
import type { paths } from "./schema.ts";

/** An error response, in the server's words. */
export class ApiError extends Error {
  readonly status: number;
  readonly fix: string;

  constructor(status: number, message: string, fix: string) {
    super(message);
    this.status = status;
    this.fix = fix;
  }
}

/** Whether the server requires signing in. */
export const isSignInNeeded = signal(false);

type Path = Extract<keyof paths, `/api/tunewise/v1/${string}`>;
type Method = "get" | "post" | "put" | "delete";
type Operation<P extends Path, M extends Method> = paths[P][M];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
/** Response body of a successful request. */
export type Reply<P extends Path, M extends Method> =
  Operation<P, M> extends { responses: infer Replies } ? Json<Replies[keyof Replies & (200 | 201)]> : never;
/** Request body. */
export type Body<P extends Path, M extends Method> =
  Operation<P, M> extends { requestBody: infer Content } ? Json<Content> : undefined;

/** Data of a request. */
export interface Ask<P extends Path, M extends Method> {
  readonly body?: Body<P, M>;
  /** Values of the path parameters. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Calls a route.
 *
 * @throws {ApiError} for an error response; `fetch` throws its own error if the server is unreachable
 */
export async function ask<P extends Path, M extends Method>(
  method: M,
  path: P,
  { body, params = {}, query = {}, signal: aborted }: Ask<P, M> = {},
): Promise<Reply<P, M>> {
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const fields = new URLSearchParams(query);
  const reply = await fetch(`${place}${fields.size > 0 ? `?${fields}` : ""}`, {
    method: method.toUpperCase(),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    ...(aborted ? { signal: aborted } : {}),
  });
  if (reply.ok) {
    isSignInNeeded.value = false;
    return (await reply.json()) as Reply<P, M>;
  }
  if (reply.status === 401) isSignInNeeded.value = true;
  const { error } = (await reply.json().catch(() => ({}))) as {
    readonly error?: { readonly message?: string; readonly fix?: string };
  };
  throw new ApiError(
    reply.status,
    error?.message ?? `The server answered ${reply.status}.`,
    error?.fix ?? "",
  );
}
