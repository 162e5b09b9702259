/**
 * @file Runs that changed, as the server tells it: one tab listens for all of them, and none while it is hidden.
 * Browsers open about six connections to a server over HTTP/1.1, and an event stream keeps one.
 */
import { useEffect } from "preact/hooks";

/** What changed. */
export interface Changes {
  /** Ids of runs. */
  readonly runs: readonly string[];
  /** Whether more changed than is named. */
  readonly more: boolean;
}

type Listener = (changes: Changes) => void;

const listeners = new Set<Listener>();
const channel = new BroadcastChannel("tunewise changes");
channel.onmessage = ({ data }: MessageEvent<Changes>) => tell(data);

/** Listens until the returned function is called. */
export function onChanges(listener: Listener): () => void {
  listeners.add(listener);
  lead();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) stop();
  };
}

/**
 * Calls back when some of these runs changed, at most once in so many milliseconds.
 *
 * @param onChanged told which ones
 */
export function useRunChanges(
  ids: readonly string[],
  everyMs: number,
  onChanged: (changed: readonly string[], signal: AbortSignal) => void,
): void {
  useEffect(() => {
    const controller = new AbortController();
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const end = onChanges(({ runs, more }) => {
      for (const id of ids) if (more || runs.includes(id)) changed.add(id);
      if (changed.size === 0) return;
      timer ??= setTimeout(() => {
        timer = null;
        onChanged([...changed], controller.signal);
        changed.clear();
      }, everyMs);
    });
    return () => {
      controller.abort();
      end();
      if (timer !== null) clearTimeout(timer);
    };
  }, [ids.join(",")]);
}

function tell(changes: Changes): void {
  for (const listener of listeners) listener(changes);
}

let leading: AbortController | null = null;

/** Waits to be the tab that listens, and listens as long as the page is shown. */
function lead(): void {
  if (leading !== null || document.hidden) return;
  const controller = new AbortController();
  leading = controller;
  const listen = (): Promise<void> =>
    new Promise((end) => {
      if (controller.signal.aborted) return end();
      const source = new EventSource("/api/tunewise/v1/changes");
      source.addEventListener("message", ({ data }: MessageEvent<string>) => {
        const changes = JSON.parse(data) as Changes;
        if (changes.runs.length === 0 && !changes.more) return; // the stream has begun
        channel.postMessage(changes);
        tell(changes);
      });
      controller.signal.addEventListener("abort", () => {
        source.close();
        end();
      });
    });
  // where another tab led until this one was hidden, the request ends with an error
  navigator.locks.request("tunewise changes", { signal: controller.signal }, listen).catch(() => undefined);
}

function stop(): void {
  leading?.abort();
  leading = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) stop();
  else if (listeners.size > 0) {
    lead();
    tell({ runs: [], more: true }); // what was missed
  }
});
