/** @file Watches a machine while a run works on it: renews its lease, and says when the machine has to end. */
import type { ReachedMachine } from "./obtain-machine.ts";
import type { Intent } from "./records.ts";
import type { RentalWorld } from "./world.ts";

/** Pause between looks; how often the provider is asked, and a sign of life is written down. */
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
  /** Aborted to let the work save, before the machine ends. */
  readonly stopping: AbortController;
}

/** A watch at work. */
export interface Watch {
  readonly verdict: Promise<WatchVerdict>;
  readonly close: () => void;
}

/** Begins to watch. */
export function watchMachine(watched: Watched, world: RentalWorld): Watch {
  let isOpen = true;
  const verdict = follow(watched, world, () => isOpen);
  verdict.catch(() => undefined); // whoever awaits it learns of it
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
  // where starting took less than it may, the provider's deadline comes first
  const deadlineMs = reached.startedAfterMs + 1000 * terms.maxSeconds;
  const endMs = Math.min(intent.ms + 1000 * terms.capSeconds, deadlineMs);
  const savingMs = endMs - 1000 * terms.endingSeconds;
  const machine = reach(intent.name, reached.way);
  let [askedMs, notedMs, absent] = [nowMs(), 0, 0];
  while (isOpen()) {
    if (nowMs() >= savingMs) stopping.abort();
    // what is renewed now ends in time; after that the machine ends by itself, whatever happens here
    else if (await isDone(machine.renew()))
      if (nowMs() - notedMs >= askEveryMs) {
        notedMs = nowMs();
        await records.add(intent.name, { kind: "seen", ms: notedMs }).catch(() => undefined);
      }
    if (nowMs() >= endMs) return { code: "RENTAL_CAP_REACHED", reason: "" };
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
