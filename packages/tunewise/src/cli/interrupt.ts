/**
 * @file Ctrl-C: the first one asks the command to save and stop, the second ends the process at any point. A command
 * may take Ctrl-C over to stop smaller units of work first.
 *
 * A listener only runs when the event loop is free, not during a long call. The second signal is therefore left to the
 * operating system, which removes the listener when it delivers the first one (`oneShot`); a signal without a listener
 * ends the process. Commands with nothing to save have no listener, so that the first signal ends them. Other commands
 * have none until they have work to save.
 */
import { schedulerReason } from "../runtime/index.ts";

/** The signals that ask a command to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The part of a process that handles signals. */
export interface SignalSource {
  on(signal: StopSignal | "SIGHUP", listener: () => void): unknown;
  off(signal: StopSignal | "SIGHUP", listener: () => void): unknown;
}

const hangUpReasons = new WeakSet<object>();

/** Whether a command was stopped because its terminal was closed, not on request. */
export function isHangUp({ reason }: AbortSignal): boolean {
  return typeof reason === "object" && reason !== null && hangUpReasons.has(reason);
}

/** Handling of signals. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Passes Ctrl-C to a listener until the returned function is called; SIGTERM is unaffected. */
  takeOver(listener: () => void): () => void;
  /** Starts listening if that was deferred. */
  beginSaving(): void;
  /** Stops listening. */
  release(): void;
  /** Call when a stream is closed: the running command saves and stops, as after a closed terminal. */
  hangUp(): void;
}

/**
 * Listens for Ctrl-C, for SIGTERM, with which a scheduler requests the same, and for SIGHUP, sent when the terminal is
 * closed.
 *
 * @param oneShot makes the system deliver a signal to its listener only once; the next one ends the process
 * @param endBefore if given, listening starts with `beginSaving`, and this is called when a stream is closed before
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
    // the next signal of either kind ends the process
    source.off("SIGINT", interrupt);
    source.off("SIGTERM", terminate);
    print("stopping as soon as the work so far is saved; Ctrl-C again stops now");
    controller.abort(reason);
  };
  const terminate = (): void => stop(schedulerReason());
  const interrupt = (): void => {
    if (taker === null) stop();
    else {
      oneShot("SIGINT"); // restores the listener for the next delivery
      taker();
    }
  };
  // prints nothing, since the terminal is gone, and keeps listening, since the SIGTERM of a logout must not stop saving
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
 * Returns the handling for commands with nothing to save, which the system ends at the first signal.
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
