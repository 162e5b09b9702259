/**
 * @file Runs this program in a separate process for work that would block the server: starts it, reads its output,
 * stops it.
 */
import type { Readable } from "node:stream";
import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../../../problem/index.ts";

/** How to start a process of this program. */
export interface ProgramOptions {
  readonly cwd: string;
  /**
   * A new file for the output; the process then survives this one. With `null`, the output is read and the process can
   * be stopped.
   */
  readonly log: string | null;
  /** Whether the process must not use the network. */
  readonly isOffline: boolean;
}

/** A process of this program. */
export interface StartedProgram {
  /** Output of the process; `null` if it goes to a file. */
  readonly stdout: Readable | null;
  /** Exit code; `null` if a signal ended the process or it did not start. */
  readonly ended: Promise<number | null>;
  /** Stops the process and its children. */
  stop(): void;
}

/** Starts this program with arguments, without a shell. Supplied by the caller, which knows the command line. */
export type StartProgram = (words: readonly string[], options: ProgramOptions) => StartedProgram;

/** Limits of a process whose output is read. */
export interface ProgramLimits {
  readonly seconds: number;
  readonly outputBytes: number;
  /** Aborted when the result is no longer needed. */
  readonly signal: AbortSignal;
}

/** A JSON document printed by a command. */
export type CommandDocument = Readonly<Record<string, unknown>>;

/** Exit codes with a document: success, or a failed check. @source cli/exit-codes.ts */
const withDocument = [0, 2];

/**
 * Runs a command with `--json` and returns the document that it prints.
 *
 * @throws {TunewiseError} `RECIPE_COMMAND_FAILED` for the command's own error, or if it takes too long or prints too
 *   much
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
  const leave = (): void => stop("the client disconnected");
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
      throw fail(
        code === null ? "it was terminated, or could not be started" : `it exited with exit code ${code}`,
      );
    return document;
  } finally {
    clearTimeout(late);
    limits.signal.removeEventListener("abort", leave);
  }
}

/** Maximum characters of a message from another process. */
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
