/**
 * @file The outermost file of the process that trains one segment of a search's trial: its work comes from the search
 * that started it. If the search is gone, it saves and ends; the search handles Ctrl-C.
 */

import { type TrialCommand, type TrialMessage, trainOrder } from "../app/search/index.ts";
import { TunewiseError } from "../problem/index.ts";
import { createRuntime } from "../runtime/index.ts";
import { version } from "./version.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => stop.abort());

/** Without a listener, the store has everything. */
function tell(news: TrialMessage): Promise<void> {
  return new Promise((told) => {
    if (process.connected && process.send) process.send(news, undefined, {}, () => told());
    else told();
  });
}

function lastNews(error: unknown): TrialMessage {
  if (TunewiseError.is(error)) return { kind: "problem", code: error.code, about: error.params };
  return { kind: "fault", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

process.on("message", async (said) => {
  const word = said as TrialCommand;
  if (word.kind === "end") {
    stop.abort();
    return;
  }
  const runtime = createRuntime(process.cwd(), stop.signal, version());
  try {
    await trainOrder(word.order, runtime, (event) => void tell({ kind: "event", event }));
  } catch (error) {
    await tell(lastNews(error));
    process.exitCode = 1;
  }
  if (process.connected) process.disconnect();
});
