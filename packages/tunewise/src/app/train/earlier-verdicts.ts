/** @file Verdicts of guards in earlier sessions of a run, and guards that a user has overruled. */

import type { RecordedVerdict, RunEvent } from "@tunewise/core/run";
import { eachEvent } from "@tunewise/tracker";
import { type CurveGuard, curveGuards } from "../../guard/index.ts";

/** Verdicts and overruled guards, up to now. */
export interface EarlierVerdicts {
  readonly verdicts: readonly RecordedVerdict[];
  readonly overruled: readonly CurveGuard[];
}

/**
 * Reads verdicts and overruled guards from a run's event log.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readEarlierVerdicts(path: string): Promise<EarlierVerdicts> {
  const found: RunEvent[] = [];
  await eachEvent(path, (item) => {
    if (item.kind === "guard-overruled" || item.kind === "guard-tripped") found.push(item);
  });
  return earlierVerdictsOf(found);
}

/**
 * Extracts verdicts and overruled guards from a run's events. A verdict repeated at the same step after a kill counts
 * once.
 */
export function earlierVerdictsOf(events: readonly RunEvent[]): EarlierVerdicts {
  const verdicts = new Map<string, RecordedVerdict>();
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
