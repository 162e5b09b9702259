/** @file Distinguishes who interrupted a command: a person (Ctrl-C, closed terminal) or a scheduler (SIGTERM). */
import type { StopCause } from "@tunewise/core/run";

const schedulerReasons = new WeakSet<object>();

/** The reason with which SIGTERM aborts a command's signal. */
export function schedulerReason(): DOMException {
  const reason = new DOMException("SIGTERM", "AbortError");
  schedulerReasons.add(reason);
  return reason;
}

/** The cause behind an aborted signal. */
export function interruptCause({ reason }: AbortSignal): Extract<StopCause, "person" | "machine"> {
  return typeof reason === "object" && reason !== null && schedulerReasons.has(reason) ? "machine" : "person";
}
