/**
 * @file Runs that changed, as the server tells it: one tab listens for all of them, and none while it is hidden.
 * Browsers open about six connections to a server over HTTP/1.1, and an event stream keeps one.
 */
import { useEffect } from "preact/hooks";
import { firstReplyMs } from "./api.ts";

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
channel.onmessage = ({ data }: MessageEvent<Told>) => tell(data);

/** Changes as the server told them, with the id of the event: a stream goes on from there. */
interface Told extends Changes {
  readonly id: string;
}

/** The last event that this tab or another one received; `null` before the first. */
let lastId: string | null = null;
/** Whether another tab told of changes while nobody listened here. */
let isMissed = false;

/** Listens until the returned function is called. */
export function onChanges(listener: Listener): () => void {
  listeners.add(listener);
  if (isMissed) listener({ runs: [], more: true });
  isMissed = false;
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

function tell({ id, ...changes }: Told): void {
  lastId = id;
  if (changes.runs.length === 0 && !changes.more) return; // the stream has begun
  isMissed ||= listeners.size === 0;
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
      // its first event tells what changed since the last one, or since the first reply
      const after = lastId ?? firstReplyMs();
      const source = new EventSource(`/api/tunewise/v1/changes${after === null ? "" : `?after=${after}`}`);
      source.addEventListener("message", ({ data, lastEventId: id }: MessageEvent<string>) => {
        const told = { ...(JSON.parse(data) as Changes), id };
        channel.postMessage(told);
        tell(told);
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
    // what was missed: a tab that was opened meanwhile may have told of later events alone
    for (const listener of listeners) listener({ runs: [], more: true });
  }
});
