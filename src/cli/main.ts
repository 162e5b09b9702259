#!/usr/bin/env node
/**
 * @file The outermost file: hands the process to `invoke`. The only place that ends the process.
 */
import { invoke } from "./index.ts";
import { watchInterrupt } from "./interrupt.ts";

const { stdout, stderr, stdin, env } = process;

// A reader that has seen enough (`| head`) closes the pipe; that is no failure of the command.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const interrupt = watchInterrupt(
  process,
  (text) => void stderr.write(`\n${text}\n`),
  (exitCode) => process.exit(exitCode),
);

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
