/** @file For tests of live logs: small runs on their way to servers, and a server in front of another that fails. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Metric } from "@tunewise/core/run";
import { onTestFinished } from "vitest";
import { type LiveLogs, openLiveLogs } from "../../packages/tunewise/src/app/train/live/live-logs.ts";
import type { RunEnding } from "../../packages/tunewise/src/app/train/live/tracker.ts";
import { readRecipe } from "../../packages/tunewise/src/recipe/index.ts";

/** When the run began. */
export const startMs: number = Date.parse("2026-11-24T20:45:12.000Z");
/** Its id. */
export const runId = "20261124-204512-tickets-7f3a";
/** A key as W&B's clients demand it. */
export const key: string = "k3y".padEnd(40, "0");
/** Milliseconds of a log in a hurry. */
export const quick = { pace: 5, pause: 10, maxPause: 20, end: 2_000 };

/** A metric; every step takes a second. */
export function point(step: number, value: number = 1 / step, name = "train/loss"): Metric {
  return { runId, key: name, step, value, time: new Date(startMs + step * 1000).toISOString() };
}

/** Opens the logs of a run whose recipe has this section `tracking`. */
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

/** How a run ended. */
export function ending(about: Partial<RunEnding> = {}): RunEnding {
  return {
    ...{ status: "completed", endedMs: startMs + 3_600_000, results: [], best: null, points: async () => 0 },
    ...about,
  };
}

/** Waits, for five seconds at most, until something is so. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !(await isSo()); tries++)
    await new Promise((done) => setTimeout(done, 10));
}

/** A server that answers as it is told, until the test ends; gives its address. */
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

/** What becomes of a request: it passes; its answer gets lost once the server has done what was asked; or this comes. */
export type Fate =
  | "pass"
  | "lose-answer"
  | { readonly status: number; readonly headers?: Record<string, string> };

/** A server in front of another. */
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
