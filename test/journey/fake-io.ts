/** @file A io for tests: streams that remember, a clock that stands still until it is moved. */
import type { ProcessIo } from "../../packages/tunewise/src/cli/console.ts";

/** What a test may set. */
export interface FakeIoOptions {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A io and what was written to it. */
export interface FakeIo {
  readonly io: ProcessIo;
  stdout(): string;
  stderr(): string;
  /** Moves the clock. */
  pass(milliseconds: number): void;
}

/** A io without a process behind it. */
export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const { terminal = false, columns = terminal ? 80 : undefined, env = {}, cwd = "/nowhere" } = options;
  const written = { stdout: "", stderr: "" };
  let time = 0;
  const stream = (name: keyof typeof written): ProcessIo["stdout"] => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY: terminal,
    ...(columns === undefined ? {} : { columns }),
  });
  return {
    io: {
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      stdin: { isTTY: terminal },
      env,
      cwd,
      now: () => time,
      signal: new AbortController().signal,
      takeOver: () => () => undefined,
      beginSaving: () => undefined,
    },
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}
