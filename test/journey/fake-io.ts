/** @file An I/O object for tests: it records what is written, and its clock moves only when told to. */
import type { ProcessIo } from "../../packages/tunewise/src/cli/console.ts";

/** Values that a test may set. */
export interface FakeIoOptions {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** An I/O object and what was written to it. */
export interface FakeIo {
  readonly io: ProcessIo;
  stdout(): string;
  stderr(): string;
  /** Advances the clock. */
  pass(milliseconds: number): void;
}

/** Creates an I/O object without a process. */
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
