/** @file Ctrl-C in a chat: stops the current answer, or leaves the chat if there is none. */
import type { ProcessIo } from "../console.ts";

/** Handling of Ctrl-C in a chat. */
export interface ChatStop {
  /** Whether the user has left the chat. */
  readonly left: boolean;
  /** Acts as Ctrl-C does. */
  interrupt(): void;
  /** Runs an answer that Ctrl-C may stop. */
  during<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  release(): void;
}

/**
 * Takes over Ctrl-C. With input from a pipe, Ctrl-C always leaves the chat. SIGTERM always does.
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
