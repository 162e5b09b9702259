/**
 * @file Ctrl-C: the first one asks the command to save and stop, the second ends the process now. A command that has
 * smaller things to stop first may take it over.
 */
import { INTERRUPTED } from "./exit-codes.ts";

/** The process as far as signals go. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
}

const hangUpReasons = new WeakSet<object>();

/** Whether a command is asked to stop because its terminal is gone, and not by anybody's wish. */
export function isHangUp({ reason }: AbortSignal): boolean {
  return typeof reason === "object" && reason !== null && hangUpReasons.has(reason);
}

/** A running watch on signals. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Hands Ctrl-C to a listener, until the function it gives is called; SIGTERM stays as it is. */
  takeOver(listener: () => void): () => void;
  /** Gives the signals back to their defaults. */
  release(): void;
  /** The person's end of a stream is gone: what is at work saves and stops, as after a closed terminal. */
  hangUp(): void;
}

/**
 * Listens for Ctrl-C, for SIGTERM, which is how a scheduler asks for the same, and for SIGHUP, which says that the
 * terminal was closed.
 *
 * @param end called by the second signal with the exit code 130; must not return to the command
 */
export function watchInterrupt(
  source: SignalSource,
  complain: (text: string) => void,
  end: (exitCode: number) => void,
): Interrupt {
  const controller = new AbortController();
  let taker: (() => void) | null = null;
  let wasAsked = false;
  const stop = (): void => {
    if (wasAsked) {
      end(INTERRUPTED);
      return;
    }
    wasAsked = true;
    complain("stopping after the work at hand; Ctrl-C again stops now");
    controller.abort();
  };
  const interrupt = (): void => (taker ?? stop)();
  source.on("SIGINT", interrupt);
  source.on("SIGTERM", stop);
  // nobody hears, so nothing is said; a logout sends SIGTERM after it, which must not end what is being saved
  const hangUp = (): void => {
    const reason = new DOMException("the terminal was closed", "AbortError");
    hangUpReasons.add(reason);
    controller.abort(reason);
  };
  source.on("SIGHUP", hangUp);
  return {
    hangUp,
    signal: controller.signal,
    takeOver: (listener) => {
      taker = listener;
      return () => {
        if (taker === listener) taker = null;
      };
    },
    release: () => {
      source.off("SIGINT", interrupt);
      source.off("SIGTERM", stop);
      source.off("SIGHUP", hangUp);
    },
  };
}
