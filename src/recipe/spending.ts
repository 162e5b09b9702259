/**
 * @file Which parts of a recipe can cost dollars: the machine's hours, and endpoints whose tokens have a price.
 */
import type { Objection } from "./objection.ts";
import type { EndpointSection, Recipe } from "./recipe.ts";

/** The sections that name something with a price. */
type Spenders = Pick<Recipe, "machine" | "arms" | "retrieval" | "decision">;

/** Whether an address is one of this machine, where a token costs what the machine costs. */
export function isOwnAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

/** Whether any command can spend a dollar by this recipe: training and local arms, paid arms, judge, vectors. */
export function canSpend({ machine, arms, retrieval, decision }: Spenders): boolean {
  const endpoints = [
    ...arms.map(({ endpoint }) => endpoint),
    decision.judge?.endpoint ?? null,
    retrieval.embedding?.endpoint ?? null,
  ];
  return machine.usdPerHour > 0 || endpoints.some((one) => one !== null && hasPrice(one));
}

/** A price that is written down counts; without one, all but servers of this machine may cost something. */
function hasPrice({ url, usdPerMillion }: EndpointSection): boolean {
  if (usdPerMillion !== null) return usdPerMillion.input + usdPerMillion.output > 0;
  return !isOwnAddress(url);
}

/**
 * A cap in dollars where nothing can spend any. Whoever wrote the machine's price down as 0 knows that, and may
 * want the cap for the day an API is added; whoever did not may take a machine that costs money for capped.
 */
export function idleCap(recipe: Spenders & Pick<Recipe, "budget">, file: unknown): Objection | null {
  if (recipe.budget.usd === null || canSpend(recipe) || isPriceWritten(file)) return null;
  return {
    path: ["budget", "usd"],
    detail:
      "A cap in dollars never acts here: the machine has no price (`machine.usd_per_hour`), and no paid API is asked",
    fix: "write the price as `machine.usd_per_hour` (0 where it is free), or cap `budget.minutes`",
    doubt: true,
  };
}

function isPriceWritten(file: unknown): boolean {
  const { machine } = (file ?? {}) as { readonly machine?: { readonly usd_per_hour?: unknown } | null };
  return machine?.usd_per_hour !== undefined;
}
