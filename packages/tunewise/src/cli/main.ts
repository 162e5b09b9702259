#!/usr/bin/env node
/** @file Entry point of the command line: passes the process to `invoke` and sets its exit code. */
import { type Interrupt, noInterrupt, type StopSignal, watchInterrupt } from "./interrupt.ts";
import { invoke } from "./invoke.ts";
import { surviveLostTerminal } from "./lost-terminal.ts";
import type { OneShot } from "./one-shot-signal.ts";
import { commandOf } from "./parse.ts";

const { stdout, stderr, stdin, env } = process;

const words = process.argv.slice(2);
const endAtOnce = (): never => process.exit(0);
const saves = commandOf(words)?.savesWhenStopped;
const interrupt =
  saves === undefined ? noInterrupt(endAtOnce) : watchSignals(saves === "once begun" ? endAtOnce : undefined);

surviveLostTerminal(process);

// A reader such as `| head` may close the pipe, and a terminal may be closed: the command then saves and ends, and
// later output is discarded silently.
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    interrupt.hangUp();
  });
}

process.exitCode = await invoke(words, {
  stdout,
  stderr,
  stdin,
  env,
  cwd: process.cwd(),
  now: () => performance.now(),
  signal: interrupt.signal,
  takeOver: interrupt.takeOver,
  beginSaving: interrupt.beginSaving,
});
interrupt.release();

/** Starts handling signals. Loads the C library asynchronously; until then signals are not one-shot. */
function watchSignals(endBefore: (() => void) | undefined): Interrupt {
  const wanted: StopSignal[] = [];
  let oneShot: OneShot = (signal) => void wanted.push(signal);
  void import("./one-shot-signal.ts").then(({ oneShotSignals }) => {
    oneShot = oneShotSignals(process.platform, process.arch);
    for (const signal of wanted) if (process.listenerCount(signal) > 0) oneShot(signal);
  });
  return watchInterrupt(
    process,
    (text) => void stderr.write(`\n${text}\n`),
    (signal) => oneShot(signal),
    endBefore,
  );
}
