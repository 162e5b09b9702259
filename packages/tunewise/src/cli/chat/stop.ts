/** @file Ctrl-C in a chat: stops the answer, and leaves where there is none to stop. */
import type { ProcessIo } from "../console.ts";

/** What of a chat can be stopped. */
export interface ChatStop {
  /** Whether the chat was left. */
  readonly left: boolean;
  /** Does what Ctrl-C does. */
  interrupt(): void;
  /** Runs an answer that Ctrl-C may stop. */
  during<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  release(): void;
}

/**
 * Takes over Ctrl-C. With input from a pipe, where no further line can follow, Ctrl-C always leaves, and so does
 * SIGTERM.
 *
 * @param onLeave called once
 */
export function watchChat({ stdin, signal, takeOver }: ProcessIo, onLeave: () => void): ChatStop {
  let answering: AbortController | null = null;
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    answering?.abort();
    onLeave();
  };
  const interrupt = (): void => {
    if (answering && stdin.isTTY === true) answering.abort();
    else leave();
  };
  const giveBack = takeOver(interrupt);
  signal.addEventListener("abort", leave);
  return {
    get left(): boolean {
      return left;
    },
    interrupt,
    during: async (work) => {
      answering = new AbortController();
      try {
        return await work(answering.signal);
      } finally {
        answering = null;
      }
    },
    release: () => {
      giveBack();
      signal.removeEventListener("abort", leave);
    },
  };
}
