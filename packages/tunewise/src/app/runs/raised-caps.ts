/**
 * @file Caps changed by a resume. The original configuration stays unchanged, because it identifies the experiment. The
 * effective caps are stored as a tag.
 */

import type { Run } from "@tunewise/core/run";
import type { TagEntry } from "@tunewise/tracker";
import { type Recipe, readConfiguration } from "../../recipe/index.ts";

type Caps = Pick<Recipe["budget"], "usd" | "minutes">;

const capsTag = "tunewise.caps";

/** The tag for a session's caps; none if they equal the original ones. */
export function capsTags(run: Pick<Run, "id" | "configuration">, { usd, minutes }: Caps): TagEntry[] {
  const begun = readConfiguration(run.configuration, "configuration.json").recipe?.budget;
  if (begun === undefined || (begun.usd === usd && begun.minutes === minutes)) return [];
  return [{ runId: run.id, key: capsTag, value: JSON.stringify({ usd, minutes }) }];
}

/** The effective caps: those of the last resume that changed them, otherwise those of the configuration. */
export function capsInForce(configuration: string, tags: ReadonlyMap<string, string>): Caps | null {
  const begun = readConfiguration(configuration, "configuration.json").recipe?.budget ?? null;
  const value = tags.get(capsTag);
  if (value === undefined) return begun;
  const { usd = null, minutes = null } = JSON.parse(value) as Partial<Caps>;
  return { usd, minutes };
}
