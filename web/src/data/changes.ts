/**
 * @file Change notifications for runs from the server. One tab subscribes on behalf of all tabs, and hidden tabs do not
 * subscribe. Browsers allow about six connections per server over HTTP/1.1, and an event stream occupies one.
 */
import { useEffect } from "preact/hooks";

/** What changed. */
export interface Changes {
  /** Ids of changed runs. */
  readonly runs: readonly string[];
  /** Whether further runs changed. */
  readonly more: boolean;
}

type Listener = (changes: Changes) => void;

/** Listeners, with the store revision that each of them shows; empty: still loading, `null`: unknown. */
const listeners = new Map<Listener, () => string | null>();
/** Whether changes arrived while this tab had no listeners. */
let wereMissed = false;
const anything: Changes = { runs: [], more: true };
const channel = new BroadcastChannel("tunewise changes");
channel.onmessage = ({ data }: MessageEvent<Changes>) => tell(data);

/**
 * Subscribes a listener until the returned function is called.
 *
 * @param shown the revision on display; changes between it and the start of the stream are reported too
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
 * Calls back when some of these runs change, at most once every `everyMs` milliseconds.
 *
 * @param onChanged receives the ids of the changed runs
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

/** At the start of the stream, notifies listeners that show an earlier revision. */
function begin(revision: string): void {
  for (const [listener, shown] of listeners) {
    const seen = shown();
    if (seen !== null && seen !== revision) listener(anything);
  }
}

let leading: AbortController | null = null;

/** Waits to become the subscribing tab, and stays subscribed while the page is visible. */
function lead(): void {
  if (leading !== null || document.hidden) return;
  const controller = new AbortController();
  leading = controller;
  const listen = (): Promise<void> =>
    new Promise((end) => {
      if (controller.signal.aborted) return end();
      const source = new EventSource("/api/tunewise/v1/changes");
      let hasBegun = false; // Once only: a stream that reconnects resumes after its last event id.
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
  // The lock request is rejected if this tab is hidden while another one holds the lock.
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
    tell(anything); // Changes may have been missed.
  }
});
