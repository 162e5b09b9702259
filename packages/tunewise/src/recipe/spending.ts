/** @file Determines whether a recipe can cost money: through the machine's hours, or paid endpoints. */

import type { Objection } from "./objection.ts";
import type { EndpointSection, Recipe } from "./recipe.ts";

/** Sections that may have a price. */
type Spenders = Pick<Recipe, "machine" | "comparison" | "decision"> & {
  readonly retrieval: Pick<Recipe["retrieval"], "embedding">;
};

/** Whether an address is on this machine, where tokens only cost machine time. */
export function isOwnAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

/** Whether any command can cost money with this recipe: the machine, paid baselines, the judge, embeddings. */
export function canSpend({ machine, comparison, retrieval, decision }: Spenders): boolean {
  const endpoints = [
    ...comparison.map(({ endpoint }) => endpoint),
    decision.judge?.endpoint ?? null,
    retrieval.embedding?.endpoint ?? null,
  ];
  return machine.usdPerHour > 0 || endpoints.some((one) => one !== null && hasPrice(one));
}

/** An explicit price counts; without one, all servers except local ones may cost something. */
function hasPrice({ url, usdPerMillion }: EndpointSection): boolean {
  if (usdPerMillion !== null) return usdPerMillion.input + usdPerMillion.output > 0;
  return !isOwnAddress(url);
}

/**
 * Finds a cap in dollars that has no effect. An explicit machine price of 0 is accepted, since the cap may be meant for
 * a future API; without one, users may believe that a machine that costs money is capped.
 */
export function idleCap(recipe: Spenders & Pick<Recipe, "budget">, file: unknown): Objection | null {
  const { usd, minutes } = recipe.budget;
  if (usd === null || minutes !== null || canSpend(recipe) || isPriceWritten(file)) return null;
  return {
    path: ["budget", "usd"],
    detail:
      "A cap in dollars never acts here: the machine has no price (`machine.usd_per_hour`), and no paid API is asked",
    fix: "write the price as `machine.usd_per_hour` (0 where it is free), or cap `budget.minutes`",
    doubt: true,
  };
}

/** Whether a recipe's file states the hourly price of its machine. */
export function isPriceWritten(file: unknown): boolean {
  const { machine } = (file ?? {}) as { readonly machine?: { readonly usd_per_hour?: unknown } | null };
  return machine?.usd_per_hour !== undefined;
}
