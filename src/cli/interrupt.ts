/**
 * @file Ctrl-C: the first one asks the command to save and stop, the second ends the process, whatever it is doing. A
 * command that has smaller things to stop first may take it over.
 *
 * Listeners run when the process has a turn to spare, which one inside a long call has not. So the second signal is
 * left to the system: it takes our listener away as it delivers the first one (`oneShot`), and a signal without a
 * listener ends the process. Commands with nothing to save have no listener at all, so that the first one ends them.
 */

/** The signals that ask a command to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The process as far as signals go. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
}

/** A running watch on signals. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Hands Ctrl-C to a listener, until the function it gives is called; SIGTERM stays as it is. */
  takeOver(listener: () => void): () => void;
  /** Gives the signals back to the system. */
  release(): void;
}

/**
 * Listens for Ctrl-C and for SIGTERM, which is how a scheduler asks for the same.
 *
 * @param oneShot lets the system deliver a signal to its listener once, and then end the process by it
 */
export function watchInterrupt(
  source: SignalSource,
  complain: (text: string) => void,
  oneShot: (signal: StopSignal) => void,
): Interrupt {
  const controller = new AbortController();
  let taker: (() => void) | null = null;
  const release = (): void => {
    source.off("SIGINT", interrupt);
    source.off("SIGTERM", stop);
  };
  const stop = (): void => {
    release(); // the next signal of either kind ends the process
    complain("stopping after the work at hand; Ctrl-C again stops now");
    controller.abort();
  };
  const interrupt = (): void => {
    if (taker === null) stop();
    else {
      oneShot("SIGINT"); // it had its turn, so that the next one gets one too
      taker();
    }
  };
  source.on("SIGINT", interrupt);
  source.on("SIGTERM", stop);
  oneShot("SIGINT");
  oneShot("SIGTERM");
  return {
    signal: controller.signal,
    takeOver: (listener) => {
      taker = listener;
      return () => {
        if (taker === listener) taker = null;
      };
    },
    release,
  };
}

/** For commands that have nothing to save: the system ends them at the first signal. */
export const noInterrupt: Interrupt = {
  signal: new AbortController().signal,
  takeOver: () => () => undefined,
  release: () => undefined,
};
