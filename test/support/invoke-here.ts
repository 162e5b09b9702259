/** @file For tests: runs the command line inside this process, where faults can be injected. */
import { invoke } from "../../packages/tunewise/src/cli/index.ts";

/** The result of a command. */
export interface Invoked {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Options of the call. */
export interface InvokeOptions {
  /** While it returns true, all output is dropped, as after a kill. */
  readonly isMuted?: () => boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a command in a folder. */
export async function invokeHere(
  folder: string,
  words: readonly string[],
  { isMuted = () => false, env = {}, signal = new AbortController().signal }: InvokeOptions = {},
): Promise<Invoked> {
  let [out, err] = ["", ""];
  const began = performance.now();
  const code = await invoke(words, {
    stdout: {
      write: (text) => {
        if (!isMuted()) out += text;
      },
    },
    stderr: {
      write: (text) => {
        if (!isMuted()) err += text;
      },
    },
    stdin: {},
    env: { NO_COLOR: "1", HF_HUB_OFFLINE: "1", ...env },
    cwd: folder,
    now: () => performance.now() - began, // a run is metered from the start of its command
    signal,
    takeOver: () => () => undefined,
    beginSaving: () => undefined,
  });
  return { code, out, err };
}
