/** @file A hook that loads a view's data, and reloads it when its key changes. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** The data, or the error. The previous data stays until the new data arrives. */
export interface Reply<Value> {
  readonly value: Value | null;
  readonly failure: Error | null;
}

/** Loads data whenever `key` changes; `null`: does not load. Superseded requests are cancelled. */
export function useRequest<Value>(
  key: string | null,
  question: (signal: AbortSignal) => Promise<Value>,
): Reply<Value> {
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
