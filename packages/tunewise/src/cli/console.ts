/** @file The environment of a command: streams, colors, output options and interrupts. */
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
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Passes Ctrl-C to a listener until the returned function is called; meanwhile only SIGTERM aborts `signal`. */
  readonly takeOver: (listener: () => void) => () => void;
  /**
   * Makes Ctrl-C abort `signal`, since there is now work to save. Commands that save "once begun" call it; before that,
   * Ctrl-C ends the process.
   */
  readonly beginSaving: () => void;
}

/** Output options of every command: `--json`, `--quiet`, `--debug`. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Output of a command: results to stdout, progress and problems to stderr. */
export interface Console extends OutputOptions {
  /** Prints a line of the result; with `--json`, only `document` and `event` write to stdout. */
  result(text: string): void;
  /** Prints the document with `--json`, otherwise the text. */
  output(document: object, text: () => string): void;
  /** Prints the single JSON document of `--json`. */
  document(body: object): void;
  /** Prints an event of `--json` on its own line. */
  event(body: object): void;
  /** Prints progress or a hint to stderr; silent with `--quiet` or `--json`. */
  info(text: string): void;
  /** Prints to stderr, even with `--quiet`. */
  error(text: string): void;
  /** Colors of stdout and of stderr. */
  readonly paint: Paint;
  readonly paintStderr: Paint;
  /** Width of stdout in columns; a default if it is not a terminal. */
  readonly columns: number;
  /** Maximum width of a table: the terminal's, or unlimited if stdout is not a terminal. */
  readonly tableColumns: number;
  /** Whether the command can ask questions. */
  readonly canAsk: boolean;
  readonly io: ProcessIo;
}

/** Creates a console on the streams of a process. */
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
