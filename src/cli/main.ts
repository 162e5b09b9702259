#!/usr/bin/env node
/**
 * @file The outermost file: hands the process to `invoke`. The only place that ends the process.
 */
import { invoke } from "./index.ts";
import { watchInterrupt } from "./interrupt.ts";

const { stdout, stderr, stdin, env } = process;

const interrupt = watchInterrupt(
  process,
  (text) => void stderr.write(`\n${text}\n`),
  (exitCode) => process.exit(exitCode),
);

// A reader that has seen enough (`| head`) closes the pipe, and a closed terminal takes nothing any more: what is at work
// saves and ends, and what is written after that is lost without a word.
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    interrupt.hangUp();
  });
}

process.exitCode = await invoke(process.argv.slice(2), {
  stdout,
  stderr,
  stdin,
  env,
  cwd: process.cwd(),
  now: () => performance.now(),
  signal: interrupt.signal,
  takeOver: interrupt.takeOver,
});
interrupt.release();
