/**
 * @file What a command sees of the world it talks to: streams, colors, answers by flag, the interrupt.
 */
import { jsonText } from "./render/json.ts";
import { type Paint, paint, wantsColor } from "./render/paint.ts";
import { usualColumns } from "./render/table.ts";
import { fitted, harmlessText } from "./render/terminal.ts";

/** A stream as far as a face needs it. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The process as far as a face needs it; a test hands over its own. */
export interface World {
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
  /** Hands Ctrl-C to a listener until the function it gives is called; the signal above is then for SIGTERM alone. */
  readonly takeOver: (listener: () => void) => () => void;
}

/** What every command takes: `--json`, `--quiet`, `--debug`. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Where a command speaks. stdout is the result; stderr is talk. */
export interface Face extends Manner {
  /** A line of the result; with `--json` only `document` may write there. */
  result(text: string): void;
  /** The one JSON document of `--json`. */
  document(body: Readonly<Record<string, unknown>>): void;
  /** One event of `--json`, on a line of its own. */
  event(body: Readonly<Record<string, unknown>>): void;
  /** A line of talk; silent with `--quiet` or `--json`. */
  talk(text: string): void;
  /** A line that even `--quiet` does not silence. */
  complain(text: string): void;
  /** Colors of stdout and of stderr. */
  readonly paint: Paint;
  readonly paintTalk: Paint;
  /** Width of stdout in columns; the usual one where it is no terminal. */
  readonly columns: number;
  /** Columns that a table may take: those of a terminal, and any number where a program or a file reads. */
  readonly tableColumns: number;
  /** Whether a question can be asked. */
  readonly canAsk: boolean;
  readonly world: World;
}

/** A face over the streams of a process. */
export function createFace(world: World, manner: Manner, command: string): Face {
  const { stdout, stderr, stdin, env } = world;
  const say = (stream: Stream, text: string): void => {
    const harmless = harmlessText(text);
    const columns = stream.isTTY === true ? stream.columns : undefined;
    stream.write(`${columns === undefined ? harmless : fitted(harmless, columns)}\n`);
  };
  return {
    ...manner,
    result: (text) => say(stdout, text),
    document: (body) => void stdout.write(`${jsonText({ command, ...body }, 2)}\n`),
    event: (body) => void stdout.write(`${jsonText(body)}\n`),
    talk: (text) => {
      if (!manner.quiet && !manner.json) say(stderr, text);
    },
    complain: (text) => say(stderr, text),
    paint: paint(wantsColor(env, stdout)),
    paintTalk: paint(wantsColor(env, stderr)),
    columns: stdout.columns ?? usualColumns,
    tableColumns: stdout.columns ?? Number.POSITIVE_INFINITY,
    canAsk: stdin.isTTY === true && stderr.isTTY === true && stdout.isTTY === true && !manner.json,
    world,
  };
}
