/** @file Reads lines of standard input, from a prompt or a pipe. */
import { createInterface, type Interface } from "node:readline";
import { problem } from "../../problem/index.ts";
import type { ProcessIo } from "../console.ts";

/** A source of lines. */
export interface Lines {
  /** Returns the next line, or `null` at the end. */
  next(): Promise<string | null>;
  close(): void;
}

/** Maximum characters of a line. */
const MAX_LINE = 1_000_000;

/**
 * Opens standard input. In a terminal, the prompt is on stderr, so that stdout contains only answers.
 *
 * @throws {TunewiseError} `USAGE_INVALID` if there is no input
 * @param interrupt called for Ctrl-C, which the terminal does not convert to a signal while a prompt is open
 */
export function openLines(io: ProcessIo, command: string, interrupt: () => void): Lines {
  const { stdin } = io;
  if (stdin.isTTY === true) return typedLines(io, interrupt);
  if (stdin[Symbol.asyncIterator] === undefined) {
    throw problem("USAGE_INVALID", { detail: "there is nothing on standard input", command });
  }
  return pipedLines(stdin as PipedInput);
}

type PipedInput = AsyncIterable<Uint8Array | string> & { destroy?(): void };

function pipedLines(input: PipedInput): Lines {
  const lines = linesOf(input);
  let close = (): void => undefined;
  const closed = new Promise<null>((end) => {
    close = () => end(null);
  });
  return {
    next: () => Promise.race([lines.next().then(({ value }) => value), closed]),
    close: () => {
      close();
      input.destroy?.(); // an open pipe would keep the process alive
    },
  };
}

function typedLines({ stdin, stderr }: ProcessIo, interrupt: () => void): Lines {
  const ends = { input: stdin as NodeJS.ReadableStream, output: stderr as NodeJS.WritableStream };
  const terminal: Interface = createInterface({ ...ends, terminal: true, prompt: "> " });
  const typed: string[] = [];
  let ended = false;
  let wake = (): void => undefined;
  terminal.on("line", (line) => {
    typed.push(line);
    wake();
  });
  terminal.on("close", () => {
    ended = true;
    wake();
  });
  terminal.on("SIGINT", () => {
    interrupt();
  });
  return {
    next: async () => {
      if (typed.length === 0 && !ended) {
        terminal.prompt();
        await new Promise<void>((go) => {
          wake = go;
        });
      }
      return typed.shift() ?? null;
    },
    close: () => terminal.close(),
  };
}

/**
 * Yields the lines of a stream of bytes, without line ends.
 *
 * @throws {TunewiseError} `USAGE_INVALID` for a line that is too long
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string, null> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) {
      throw problem("USAGE_INVALID", {
        detail: `a line has more than ${MAX_LINE} characters`,
        command: "model chat",
      });
    }
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
  return null;
}
