/** @file What the server says to a question of a view, which asks again where the question changes. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** An answer, or why there is none. The answer before stays until the next one is there. */
export interface Asked<Value> {
  readonly value: Value | null;
  readonly failure: Error | null;
}

/** Asks when `key` changes; `null`: not at all. A question that is not waited for any more is taken back. */
export function useAsked<Value>(
  key: string | null,
  question: (signal: AbortSignal) => Promise<Value>,
): Asked<Value> {
  const value = useSignal<Value | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    if (key === null) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    question(signal)
      .then((found) => {
        value.value = found;
        failure.value = null;
      })
      .catch((error: Error) => {
        if (!signal.aborted) failure.value = error;
      });
    return () => controller.abort();
  }, [key]);
  return { value: value.value, failure: failure.value };
}
