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

/** Who listens, and the revision of the store that they show; empty: it is under way; `null`: they do not know it. */
const listeners = new Map<Listener, () => string | null>();
/** Whether changes were told while nobody listened here. */
let wereMissed = false;
const anything: Changes = { runs: [], more: true };
const channel = new BroadcastChannel("tunewise changes");
channel.onmessage = ({ data }: MessageEvent<Changes>) => tell(data);

/**
 * Listens until the returned function is called.
 *
 * @param shown the revision of what is shown: what changed between it and the beginning of the stream is told, too
 */
export function onChanges(listener: Listener, shown: () => string | null = () => null): () => void {
  listeners.set(listener, shown);
  if (wereMissed) listener(anything);
  wereMissed = false;
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
  wereMissed ||= listeners.size === 0;
  for (const listener of listeners.keys()) listener(changes);
}

/** The stream has begun at a revision: whoever shows an earlier one learns that something is new. */
function begin(revision: string): void {
  for (const [listener, shown] of listeners) {
    const seen = shown();
    if (seen !== null && seen !== revision) listener(anything);
  }
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
      let hasBegun = false; // once: a stream that was lost goes on by the id of its last event
      source.addEventListener("message", ({ data }: MessageEvent<string>) => {
        const { revision, ...changes } = JSON.parse(data) as Changes & { readonly revision: string };
        if (!hasBegun) begin(revision);
        hasBegun = true;
        if (changes.runs.length === 0 && !changes.more) return;
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
    tell(anything); // what was missed
  }
});
