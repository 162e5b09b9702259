/**
 * @file A world for tests: streams that remember, a clock that stands still until it is moved.
 */
import type { World } from "../../src/cli/face.ts";

/** What a test may set. */
export interface FakeWorldOptions {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A world and what was written to it. */
export interface FakeWorld {
  readonly world: World;
  stdout(): string;
  stderr(): string;
  /** Moves the clock. */
  pass(milliseconds: number): void;
}

/** A world without a process behind it. */
export function fakeWorld(options: FakeWorldOptions = {}): FakeWorld {
  const { terminal = false, columns = 80, env = {}, cwd = "/nowhere" } = options;
  const written = { stdout: "", stderr: "" };
  let time = 0;
  const stream = (name: keyof typeof written): World["stdout"] => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY: terminal,
    columns,
  });
  return {
    world: {
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      stdin: { isTTY: terminal },
      env,
      cwd,
      now: () => time,
      signal: new AbortController().signal,
      takeOver: () => () => undefined,
    },
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}
