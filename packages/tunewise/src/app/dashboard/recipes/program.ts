/** @file This program as a process of its own, which does what a server's loop must not wait for: started, heard, ended. */
import type { Readable } from "node:stream";
import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../../../problem/index.ts";

/** How a process of this program is started. */
export interface ProgramOptions {
  readonly cwd: string;
  /** A new file for what it prints: such a process goes on when this one ends. `null`: it is heard, and ended. */
  readonly log: string | null;
  /** Whether it must not use the network. */
  readonly isOffline: boolean;
}

/** A process of this program. */
export interface StartedProgram {
  /** What it prints; `null` where that goes to a file. */
  readonly stdout: Readable | null;
  /** Its exit code; `null`: a signal ended it, or it did not start. */
  readonly ended: Promise<number | null>;
  /** Ends it, and what it started. */
  stop(): void;
}

/** Starts this program with some words, without a shell. Given by whoever knows the command line. */
export type StartProgram = (words: readonly string[], options: ProgramOptions) => StartedProgram;

/** Limits of a process that is heard. */
export interface ProgramLimits {
  readonly seconds: number;
  readonly outputBytes: number;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** A JSON document that a command printed. */
export type CommandDocument = Readonly<Record<string, unknown>>;

/** Exit codes that come with a document: done, or a check said no. @source cli/exit-codes.ts */
const withDocument = [0, 2];

/**
 * Runs a command with `--json`, and returns the document that it prints.
 *
 * @throws {TunewiseError} `RECIPE_COMMAND_FAILED` for its own error, and where it takes too long or prints too much
 */
export async function readCommand(
  start: StartProgram,
  words: readonly string[],
  options: Omit<ProgramOptions, "log">,
  limits: ProgramLimits,
): Promise<CommandDocument> {
  const command = `tunewise ${words[0]}`;
  const fail = (reason: string, fix = command): Error =>
    problem("RECIPE_COMMAND_FAILED", { command, reason, fix });
  limits.signal.throwIfAborted();
  const started = start([...words, "--json"], { ...options, log: null });
  let cutOff: string | null = null;
  const stop = (reason: string): void => {
    cutOff ??= reason;
    started.stop();
  };
  const late = setTimeout(() => stop(`it took longer than ${limits.seconds} s`), limits.seconds * 1000);
  const leave = (): void => stop("nobody waits for it any more");
  limits.signal.addEventListener("abort", leave, { once: true });
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of started.stdout ?? []) {
      bytes += (chunk as Buffer).length;
      if (bytes > limits.outputBytes) stop(`it printed more than ${limits.outputBytes} bytes`);
      else chunks.push(chunk as Buffer);
    }
    const code = await started.ended;
    if (cutOff !== null) throw fail(cutOff);
    const document = objectFrom(Buffer.concat(chunks).toString("utf8"));
    const error = document?.["error"];
    if (typeof error === "object" && error !== null) throw failureOf(error, fail);
    if (document === null || code === null || !withDocument.includes(code))
      throw fail(code === null ? "it was ended, or could not be started" : `it ended with exit code ${code}`);
    return document;
  } finally {
    clearTimeout(late);
    limits.signal.removeEventListener("abort", leave);
  }
}

/** Characters of another process's message. */
const messageChars = 2_000;

function failureOf(error: object, fail: (reason: string, fix?: string) => Error): Error {
  const { message, fix } = error as { readonly message?: unknown; readonly fix?: unknown };
  const reason = String(message ?? "it failed")
    .slice(0, messageChars)
    .replace(/\.$/, "");
  return typeof fix === "string" && fix !== "" ? fail(reason, fix.slice(0, messageChars)) : fail(reason);
}

function objectFrom(text: string): CommandDocument | null {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null ? (value as CommandDocument) : null;
  } catch {
    return null;
  }
}
