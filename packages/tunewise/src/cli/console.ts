/** @file What a command sees of the process it runs in: streams, colors, output options, the interrupt. */
import { jsonText } from "./render/json.ts";
import { type Paint, paint, wantsColor } from "./render/paint.ts";
import { usualColumns, wrapLines } from "./render/table.ts";
import { harmlessText } from "./render/terminal.ts";

/** The part of a stream that a console needs. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The part of a process that a console needs; tests pass their own. */
export interface ProcessIo {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly stdin: {
    readonly isTTY?: boolean;
    readonly [Symbol.asyncIterator]?: () => AsyncIterator<unknown>;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since some start. */
  readonly now: () => number;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Hands Ctrl-C to a listener until the returned function is called; the signal above then stands for SIGTERM only. */
  readonly takeOver: (listener: () => void) => () => void;
  /**
   * From now on there is something to save, so that Ctrl-C aborts the signal above. Commands that save "once begun"
   * call it; before that Ctrl-C ends the process.
   */
  readonly beginSaving: () => void;
}

/** What every command takes: `--json`, `--quiet`, `--debug`. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Output of a command: results to stdout, progress and problems to stderr. */
export interface Console extends OutputOptions {
  /** A line of the result; with `--json` only `document` may write there. */
  result(text: string): void;
  /** Prints the document with `--json`, else the text. */
  output(document: object, text: () => string): void;
  /** The one JSON document of `--json`. */
  document(body: object): void;
  /** One event of `--json`, on a line of its own. */
  event(body: object): void;
  /** Prints progress or a hint to stderr; silent with `--quiet` or `--json`. */
  info(text: string): void;
  /** Prints to stderr what even `--quiet` does not silence. */
  error(text: string): void;
  /** Colors of stdout and of stderr. */
  readonly paint: Paint;
  readonly paintStderr: Paint;
  /** Width of stdout in columns; the usual one where it is no terminal. */
  readonly columns: number;
  /** Columns that a table may take: those of a terminal, and any number where a program or a file reads. */
  readonly tableColumns: number;
  /** Whether a question can be asked. */
  readonly canAsk: boolean;
  readonly io: ProcessIo;
}

/** A console on the streams of a process. */
export function createConsole(io: ProcessIo, options: OutputOptions, command: string): Console {
  const { stdout, stderr, stdin, env } = io;
  const print = (stream: Stream, text: string): void => {
    const harmless = harmlessText(text);
    const columns = stream.isTTY === true ? stream.columns : undefined;
    stream.write(`${columns === undefined ? harmless : wrapLines(harmless, columns)}\n`);
  };
  const result = (text: string): void => print(stdout, text);
  const document = (body: object): void => void stdout.write(`${jsonText({ command, ...body }, 2)}\n`);
  return {
    ...options,
    result,
    document,
    output: (body, text) => (options.json ? document(body) : result(text())),
    event: (body) => void stdout.write(`${jsonText(body)}\n`),
    info: (text) => {
      if (!options.quiet && !options.json) print(stderr, text);
    },
    error: (text) => print(stderr, text),
    paint: paint(wantsColor(env, stdout)),
    paintStderr: paint(wantsColor(env, stderr)),
    columns: stdout.columns ?? usualColumns,
    tableColumns: stdout.columns ?? Number.POSITIVE_INFINITY,
    canAsk: stdin.isTTY === true && stderr.isTTY === true && stdout.isTTY === true && !options.json,
    io,
  };
}
