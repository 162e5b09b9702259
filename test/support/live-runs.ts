/** @file For tests of live logs: small runs that log to servers, and a failing proxy for a server. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Metric } from "@tunewise/core/run";
import { onTestFinished } from "vitest";
import { type LiveLogs, openLiveLogs } from "../../packages/tunewise/src/app/train/live/live-logs.ts";
import type { RunEnding } from "../../packages/tunewise/src/app/train/live/tracker.ts";
import { readRecipe } from "../../packages/tunewise/src/recipe/index.ts";

/** Start time of the run. */
export const startMs: number = Date.parse("2026-11-24T20:45:12.000Z");
/** ID of the run. */
export const runId = "20261124-204512-tickets-7f3a";
/** A key in the form that W&B's clients require. */
export const key: string = "k3y".padEnd(40, "0");
/** Short intervals for a live log, in milliseconds. */
export const quick = { pace: 5, pause: 10, maxPause: 20, end: 2_000 };

/** A metric; every step takes a second. */
export function point(step: number, value: number = 1 / step, name = "train/loss"): Metric {
  return { runId, key: name, step, value, time: new Date(startMs + step * 1000).toISOString() };
}

/** Opens the live logs of a run whose recipe has this `tracking` section. */
export function openLive(
  tracking: object,
  { pace = quick, environment = {} }: { pace?: typeof quick; environment?: Record<string, string> } = {},
): LiveLogs {
  const text = `name: tickets\nmodel: m\ndata: { train: t.jsonl }\ntracking: ${JSON.stringify(tracking)}\n`;
  const { recipe, problems } = readRecipe(text, "r.yaml", "r");
  if (recipe === null) throw new Error(JSON.stringify(problems));
  const run = { id: runId, startedMs: startMs, tags: [{ key: "tunewise.data_fingerprint", value: "f" }] };
  return openLiveLogs(recipe, run, { cwd: ".", environment: { USER: "ada", ...environment } }, pace);
}

/** The end of a run. */
export function ending(about: Partial<RunEnding> = {}): RunEnding {
  return {
    status: "completed",
    endedMs: startMs + 3_600_000,
    results: [],
    best: null,
    points: async () => 0,
    ...about,
  };
}

/** Waits up to five seconds for a condition. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !(await isSo()); tries++)
    await new Promise((done) => setTimeout(done, 10));
}

/** A server with a given request handler, until the test ends; returns its URL. */
export async function odd(
  answer: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * What happens to a request: it passes; its response is lost after the server has handled it; or the given status is
 * returned.
 */
export type Fate =
  | "pass"
  | "lose-answer"
  | { readonly status: number; readonly headers?: Record<string, string> };

/** A proxy for another server. */
export function inFront(of: string, fateOf: (path: string) => Fate): Promise<string> {
  return odd((incoming, response) => {
    const fate = fateOf(incoming.url ?? "");
    if (typeof fate === "object") {
      response.writeHead(fate.status, fate.headers ?? {}).end("{}");
      return;
    }
    void buffer(incoming).then((body) => {
      const { method = "POST", url = "", headers } = incoming;
      const onward = request(`${of}${url}`, { method, headers }, (answer) => {
        void buffer(answer).then((bytes) => {
          if (fate === "lose-answer") response.destroy();
          else
            response.writeHead(answer.statusCode ?? 500, { "content-type": "application/json" }).end(bytes);
        });
      });
      onward.end(body);
    });
  });
}
