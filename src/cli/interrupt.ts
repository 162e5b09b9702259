/**
 * @file Ctrl-C: the first one asks the command to save and stop, the second ends the process now.
 */
import { INTERRUPTED } from "./exit-codes.ts";

/** The process as far as signals go. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/** A running watch on signals. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Gives the signals back to their defaults. */
  release(): void;
}

/**
 * Listens for Ctrl-C and for SIGTERM, which is how a scheduler asks for the same.
 *
 * @param end called by the second signal with the exit code 130; must not return to the command
 */
export function watchInterrupt(
  source: SignalSource,
  complain: (text: string) => void,
  end: (exitCode: number) => void,
): Interrupt {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) {
      end(INTERRUPTED);
      return;
    }
    complain("stopping after the work at hand; Ctrl-C again stops now");
    controller.abort();
  };
  source.on("SIGINT", listener);
  source.on("SIGTERM", listener);
  return {
    signal: controller.signal,
    release: () => {
      source.off("SIGINT", listener);
      source.off("SIGTERM", listener);
    },
  };
}
