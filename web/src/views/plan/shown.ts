/** @file The type of a plan as received from the server. */
import type { Reply } from "../../data/api.ts";

/** A plan. */
export type ShownPlan = Reply<"/api/tunewise/v1/recipes/{recipe}/plan", "post">;

/** A place to train. */
export type Place = ShownPlan["places"][number];

/** Identifies a place in the address. */
export function placeKey({ name, provider, pricing }: Place): string {
  return [name, provider, pricing].join("|");
}
