/** @file Watches a machine while a run uses it: renews its lease, and reports when the machine has to end. */

import type { RentalWorld } from "./dependencies.ts";
import type { ReachedMachine } from "./obtain-machine.ts";
import type { Intent } from "./records.ts";

/** Polling interval, and interval for asking the provider and for recording a sign of life. */
const [pauseMs, askEveryMs] = [10_000, 60_000];

/** Why a machine has to end before its work is done. */
export interface WatchVerdict {
  readonly code: "RENTAL_VANISHED" | "RENTAL_CAP_REACHED";
  readonly reason: string;
}

/** A machine to watch. */
export interface Watched {
  readonly intent: Intent;
  readonly reached: ReachedMachine;
  /** Aborted so that the work can save before the machine ends. */
  readonly stopping: AbortController;
}

/** A running watch. */
export interface Watch {
  readonly verdict: Promise<WatchVerdict>;
  readonly close: () => void;
}

/** Starts to watch a machine. */
export function watchMachine(watched: Watched, world: RentalWorld): Watch {
  let isOpen = true;
  const verdict = follow(watched, world, () => isOpen);
  verdict.catch(() => undefined); // the caller that awaits the verdict handles the error
  return {
    verdict,
    close: () => {
      isOpen = false;
    },
  };
}

async function follow(
  { intent, reached, stopping }: Watched,
  { provider, records, nowMs, sleep, reach }: RentalWorld,
  isOpen: () => boolean,
): Promise<WatchVerdict> {
  const { terms } = intent;
  // after a fast start, the provider's deadline may come before the cap
  const deadlineMs = reached.startedAfterMs + 1000 * terms.maxSeconds;
  const endMs = Math.min(intent.ms + 1000 * terms.capSeconds, deadlineMs);
  const savingMs = endMs - 1000 * terms.endingSeconds;
  const machine = reach(intent.name, reached.way);
  let [askedMs, notedMs, absent] = [nowMs(), 0, 0];
  while (isOpen()) {
    if (nowMs() >= savingMs) stopping.abort();
    // A lease renewed now still ends in time. From `savingMs` on it is not renewed, so the machine ends whatever
    // happens here.
    else if (await isDone(machine.renew()))
      if (nowMs() - notedMs >= askEveryMs) {
        notedMs = nowMs();
        await records.add(intent.name, { kind: "seen", ms: notedMs }).catch(() => undefined);
      }
    if (nowMs() >= endMs) return { code: "RENTAL_CAP_REACHED", reason: "" };
    if (nowMs() - askedMs >= askEveryMs) {
      askedMs = nowMs();
      const found = await provider.find(intent.name).catch(() => undefined); // an error is not an absence
      if (found !== undefined) absent = found === null ? absent + 1 : 0;
      if (found?.state === "ending") return { code: "RENTAL_VANISHED", reason: found.detail };
      if (absent === 2) return { code: "RENTAL_VANISHED", reason: "its provider no longer lists it" };
    }
    await sleep(pauseMs);
  }
  return new Promise(() => undefined); // the work has finished, so nobody awaits the verdict
}

function isDone(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
