/**
 * @file What was said about a run in earlier sittings: verdicts of guards, and persons who overruled them.
 */
import { type CurveGuard, curveGuards } from "../../guard/index.ts";
import type { SpokenVerdict } from "../../run/index.ts";
import { eachEvent, type TimedEvent } from "../../track/index.ts";

/** What the record holds of it. */
export interface EarlierWords {
  readonly verdicts: readonly SpokenVerdict[];
  readonly overruled: readonly CurveGuard[];
}

/**
 * Reads a run's event log, of which only such words are kept.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function earlierWordsIn(path: string): Promise<EarlierWords> {
  const words: TimedEvent[] = [];
  await eachEvent(path, (item) => {
    if (item.event.kind === "guard-overruled" || item.event.kind === "guard-tripped") words.push(item);
  });
  return earlierWords(words);
}

/** The words among a run's events. A verdict that was given again at the same step, after a kill, is one. */
export function earlierWords(events: readonly TimedEvent[]): EarlierWords {
  const verdicts = new Map<string, SpokenVerdict>();
  const overruled = new Set<CurveGuard>();
  for (const { event } of events) {
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
