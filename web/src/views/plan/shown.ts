/** @file A plan, as the server gives it. */
import type { Reply } from "../../data/api.ts";

/** See the file. */
export type ShownPlan = Reply<"/api/tunewise/v1/recipes/{recipe}/plan", "post">;

/** A place to train. */
export type Place = ShownPlan["places"][number];

/** Names a place in the address. */
export function placeKey({ name, provider, pricing }: Place): string {
  return [name, provider, pricing].join("|");
}
