/** @file The stream of changes: server-sent events that name the runs that have changed. */

import type { TrackingContext } from "@tunewise/tracker";
import {
  type Call,
  type Caller,
  fieldsRoute,
  HttpError,
  type Pushing,
  type Route,
} from "@tunewise/tracker/http";
import { z } from "zod";
import { type ChangeEvent, createChangeFeed } from "../../../app/dashboard/index.ts";
import { bool, text } from "./schema.ts";

/** Interval of comments, which keep proxies from closing the connection; browsers ignore them. */
const commentMs = 25_000;
/** Default duration of a stream. The browser then reconnects by itself, which checks its rights again. */
const secondsUsual = 600;
const maxSeconds = 3_600;
/** How long a browser waits before it reconnects. */
const retryMs = 2_000;

const fields = z.object({
  seconds: z.coerce.number().int().min(0).max(maxSeconds).default(secondsUsual),
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

/** The route. */
export function changeRoutes({ database }: TrackingContext): Route[] {
  const feed = createChangeFeed(database);
  return [
    fieldsRoute({
      method: "GET",
      path: "/api/tunewise/v1/changes",
      policy: "read",
      about: "readable",
      maxBodyBytes: 0,
      reads: fields,
      type: "text/event-stream",
      gives: event,
      summary:
        "Stream changes as server-sent events: ids of readable runs that changed since the previous event, at most one event per second. The first event is sent immediately. `Last-Event-ID`, or `after` with the same id, resumes from that event. Delivery is at least once: a run may be repeated, but none is omitted. Without changes, the stream sends only a comment every 25 seconds. It ends after `seconds` (default: 600); 0: after the first event.",
      handle: async ({ seconds, after }, call) => {
        const headers = {
          "content-type": "text/event-stream; charset=utf-8",
          // keeps nginx from buffering the reply
          "x-accel-buffering": "no",
        };
        if (call.request.method === "HEAD") return { status: 200, headers, body: null };
        const last = call.request.headers["last-event-id"];
        const id = typeof last === "string" ? last : (after ?? null);
        return { status: 200, headers, body: await openStream(feed, call, seconds, id) };
      },
    }),
  ];
}

const event = {
  type: "string",
  description: "Events whose data is this object as JSON.",
  contentMediaType: "application/json",
  contentSchema: {
    type: "object",
    properties: { revision: text, runs: { type: "array", items: text }, more: bool },
    required: ["revision", "runs", "more"],
  },
};

/**
 * Starts listening before the reply begins, so that a refusal can still set the status.
 *
 * @throws {HttpError} 429
 */
async function openStream(
  feed: ReturnType<typeof createChangeFeed>,
  { caller, signal, closing }: Pick<Call, "signal" | "closing"> & { readonly caller: Caller },
  seconds: number,
  after: string | null,
): Promise<Pushing> {
  const waiting: ChangeEvent[] = [];
  let send = (one: ChangeEvent): void => void waiting.push(one);
  const end = await feed.listen({
    name: caller.name,
    readable: () => caller.rights.readable(),
    after,
    onEvent: (one) => send(one),
  });
  if (end === null) {
    throw new HttpError(429, "too_many_listeners", "Too many pages listen for changes: close some of them.");
  }
  return async (push) => {
    send = ({ id, ...data }) => push(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
    push(`retry: ${retryMs}\n\n`);
    for (const one of waiting.splice(0)) send(one);
    const comment = setInterval(() => push(": nothing new\n\n"), commentMs);
    try {
      if (seconds > 0) await untilOver(seconds, [signal, closing]);
    } finally {
      clearInterval(comment);
      end();
    }
  };
}

function untilOver(seconds: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((over) => {
    const end = (): void => {
      clearTimeout(timer);
      // removed because the server's own signal outlives its streams
      for (const signal of signals) signal.removeEventListener("abort", end);
      over();
    };
    const timer = setTimeout(end, seconds * 1000);
    for (const signal of signals) {
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
    }
  });
}
