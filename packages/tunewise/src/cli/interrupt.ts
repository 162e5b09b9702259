/**
 * @file Ctrl-C: the first one asks the command to save and stop, the second ends the process, whatever it is doing. A
 * command that has smaller things to stop first may take it over.
 *
 * Listeners run when the process has a turn to spare, which one inside a long call has not. So the second signal is
 * left to the system: it takes our listener away as it delivers the first one (`oneShot`), and a signal without a
 * listener ends the process. Commands with nothing to save have no listener at all, so that the first one ends them;
 * so have commands that only plan yet, until they begin something worth saving.
 */
import { schedulerReason } from "../runtime/index.ts";

/** The signals that ask a command to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The process as far as signals go. */
export interface SignalSource {
  on(signal: StopSignal | "SIGHUP", listener: () => void): unknown;
  off(signal: StopSignal | "SIGHUP", listener: () => void): unknown;
}

const hangUpReasons = new WeakSet<object>();

/** Whether a command is stopped because its terminal is gone, not on request. */
export function isHangUp({ reason }: AbortSignal): boolean {
  return typeof reason === "object" && reason !== null && hangUpReasons.has(reason);
}

/** A running watch on signals. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Hands Ctrl-C to a listener until the returned function is called; SIGTERM is unaffected. */
  takeOver(listener: () => void): () => void;
  /** Begins to listen, where that was left for later; otherwise does nothing. */
  beginSaving(): void;
  /** Gives the signals back to the system. */
  release(): void;
  /** Call when a stream is closed: the running command saves and stops, as after a closed terminal. */
  hangUp(): void;
}

/**
 * Listens for Ctrl-C, for SIGTERM, which is how a scheduler asks for the same, and for SIGHUP, which says that the
 * terminal was closed.
 *
 * @param oneShot lets the system deliver a signal to its listener once, and then end the process by it
 * @param endBefore given: listens only from `beginSaving` on; called when a stream is closed before that
 */
export function watchInterrupt(
  source: SignalSource,
  print: (text: string) => void,
  oneShot: (signal: StopSignal) => void,
  endBefore?: () => void,
): Interrupt {
  const controller = new AbortController();
  let taker: (() => void) | null = null;
  let isListening = false;
  const release = (): void => {
    source.off("SIGINT", interrupt);
    source.off("SIGTERM", terminate);
    source.off("SIGHUP", hangUp);
  };
  const stop = (reason?: DOMException): void => {
    // the next one of either kind ends the process
    source.off("SIGINT", interrupt);
    source.off("SIGTERM", terminate);
    print("stopping as soon as the work so far is saved; Ctrl-C again stops now");
    controller.abort(reason);
  };
  const terminate = (): void => stop(schedulerReason());
  const interrupt = (): void => {
    if (taker === null) stop();
    else {
      oneShot("SIGINT"); // it had its turn, so that the next one gets one too
      taker();
    }
  };
  // no output, since the terminal is gone; the SIGTERM that follows a logout must not interrupt saving
  const hangUp = (): void => {
    const reason = new DOMException("the terminal was closed", "AbortError");
    hangUpReasons.add(reason);
    controller.abort(reason);
  };
  const beginSaving = (): void => {
    if (isListening) return;
    isListening = true;
    source.on("SIGINT", interrupt);
    source.on("SIGTERM", terminate);
    source.on("SIGHUP", hangUp);
    oneShot("SIGINT");
    oneShot("SIGTERM");
  };
  if (endBefore === undefined) beginSaving();
  return {
    hangUp: () => (isListening || endBefore === undefined ? hangUp() : endBefore()),
    beginSaving,
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

/**
 * For commands that have nothing to save: the system ends them at the first signal.
 *
 * @param end called when no reader of the output is left
 */
export function noInterrupt(end: () => void): Interrupt {
  return {
    signal: new AbortController().signal,
    takeOver: () => () => undefined,
    beginSaving: () => undefined,
    release: () => undefined,
    hangUp: end,
  };
}
