/** @file What was said about a run in earlier sittings: verdicts of guards, and persons who overruled them. */
import { type CurveGuard, curveGuards } from "../../guard/index.ts";
import type { RunEvent, SpokenVerdict } from "../../run/index.ts";
import { eachEvent } from "../../track/index.ts";

/** What the record holds of it. */
export interface EarlierVerdicts {
  readonly verdicts: readonly SpokenVerdict[];
  readonly overruled: readonly CurveGuard[];
}

/**
 * Reads a run's event log, of which only such words are kept.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readEarlierVerdicts(path: string): Promise<EarlierVerdicts> {
  const words: RunEvent[] = [];
  await eachEvent(path, (item) => {
    if (item.kind === "guard-overruled" || item.kind === "guard-tripped") words.push(item);
  });
  return earlierVerdictsOf(words);
}

/** The words among a run's events. A verdict that was given again at the same step, after a kill, is one. */
export function earlierVerdictsOf(events: readonly RunEvent[]): EarlierVerdicts {
  const verdicts = new Map<string, SpokenVerdict>();
  const overruled = new Set<CurveGuard>();
  for (const event of events) {
    if (event.kind === "guard-overruled") {
      const guard = curveGuards.find((name) => name === event.guard);
      if (guard !== undefined) overruled.add(guard);
    }
    if (event.kind !== "guard-tripped" || event.verdict.act === "go-on") continue;
    const { step, verdict } = event;
    verdicts.set(`${step} ${verdict.act} ${verdict.guard}`, { step, verdict });
  }
  return { verdicts: [...verdicts.values()], overruled: [...overruled] };
}
