/** @file Watches a machine while a run works on it: renews its lease, and says when the machine has to end. */
import type { Seconds } from "../../quantity/index.ts";
import type { ReachedMachine } from "./obtain-machine.ts";
import type { Intent } from "./records.ts";
import type { RentalWorld } from "./world.ts";

/** Pause between looks; how often the provider is asked, and a sign of life is written down. */
const [pauseMs, askEveryMs] = [10_000, 60_000];

/** Why a machine has to end before its work is done. */
export interface WatchVerdict {
  readonly code: "RENTAL_VANISHED" | "RENTAL_STALLED" | "RENTAL_CAP_REACHED";
  readonly reason: string;
}

/** A machine to watch. */
export interface Watched {
  readonly intent: Intent;
  readonly reached: ReachedMachine;
  readonly stallSeconds: Seconds;
  /** Aborted to let the work save, before the machine ends. */
  readonly stopping: AbortController;
}

/** A watch at work. */
export interface Watch {
  readonly verdict: Promise<WatchVerdict>;
  readonly progress: (step: number) => void;
  readonly close: () => void;
}

/** Begins to watch. */
export function watchMachine(watched: Watched, world: RentalWorld): Watch {
  let [isOpen, step, steppedMs] = [true, -1, world.nowMs()];
  const verdict = follow(watched, world, { isOpen: () => isOpen, steppedMs: () => steppedMs });
  verdict.catch(() => undefined); // whoever awaits it learns of it
  return {
    verdict,
    progress: (next) => {
      if (next === step) return;
      [step, steppedMs] = [next, world.nowMs()];
    },
    close: () => {
      isOpen = false;
    },
  };
}

/** Where the watch is, for its loop. */
interface Standing {
  readonly isOpen: () => boolean;
  readonly steppedMs: () => number;
}

async function follow(
  { intent, reached, stallSeconds, stopping }: Watched,
  { provider, records, nowMs, sleep, reach }: RentalWorld,
  { isOpen, steppedMs }: Standing,
): Promise<WatchVerdict> {
  const { terms } = intent;
  // where starting took less than it may, the provider's deadline comes first
  const deadlineMs = reached.startedAfterMs + 1000 * terms.maxSeconds;
  const endMs = Math.min(intent.ms + 1000 * terms.capSeconds, deadlineMs);
  const savingMs = endMs - 1000 * terms.endingSeconds;
  const machine = reach(intent.name, reached.way);
  let [askedMs, notedMs, absent, stalledMs] = [nowMs(), 0, 0, null as number | null];
  while (isOpen()) {
    if (nowMs() >= savingMs) stopping.abort();
    // what is renewed now ends in time; after that the machine ends by itself, whatever happens here
    else if (await isDone(machine.renew()))
      if (nowMs() - notedMs >= askEveryMs) {
        notedMs = nowMs();
        await records.add(intent.name, { kind: "seen", ms: notedMs }).catch(() => undefined);
      }
    if (nowMs() >= endMs) return { code: "RENTAL_CAP_REACHED", reason: "" };
    if (stalledMs === null && nowMs() - steppedMs() > 1000 * stallSeconds) {
      stalledMs = nowMs();
      stopping.abort();
    }
    if (stalledMs !== null && nowMs() - stalledMs > 1000 * terms.endingSeconds)
      return { code: "RENTAL_STALLED", reason: "" };
    if (nowMs() - askedMs >= askEveryMs) {
      askedMs = nowMs();
      const found = await provider.find(intent.name).catch(() => undefined); // an error says nothing
      if (found !== undefined) absent = found === null ? absent + 1 : 0;
      if (found?.state === "ending") return { code: "RENTAL_VANISHED", reason: found.detail };
      if (absent === 2) return { code: "RENTAL_VANISHED", reason: "its provider does not have it any more" };
    }
    await sleep(pauseMs);
  }
  return new Promise(() => undefined); // the work is done, and nobody asks
}

function isDone(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
