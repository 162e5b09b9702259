/** @file A plan as the page shows it: the costs of all places side by side, and the cap of a run. */

import type { Range } from "@tunewise/core/quantity";
import type { PriceSource } from "../../../catalog/index.ts";
import { type PlaceEstimate, type Plan, readPlan } from "../../../plan/index.ts";
import type { Finding, Severity } from "../../../problem/index.ts";
import type { RecipeSettings } from "../../../recipe/index.ts";
import type { CommandDocument } from "./program.ts";

/** The parts of a plan that do not depend on the server. Money is in micro-dollars. */
export interface PlanFacts {
  readonly fingerprint: string;
  readonly model: Pick<Plan["model"], "source" | "parameters" | "trainedParameters" | "method" | "rank">;
  readonly data: Plan["data"];
  readonly schedule: Pick<Plan["schedule"], "steps" | "epochs" | "tokens">;
  readonly derived: Plan["settings"];
  readonly places: readonly ShownPlace[];
  /** Index of the recommended place; `null` if none is certain to fit. */
  readonly best: number | null;
  /** Errors first. */
  readonly findings: readonly ShownFinding[];
  readonly assumptions: readonly { readonly key: string; readonly value: string; readonly origin: string }[];
  /** Proposed cap, which covers the upper bound of a run here and the P90 of the total cost. */
  readonly cap: RunCap;
  /** The recipe's own cap, in the unit of `cap`. */
  readonly recipeCap: RunCap;
}

/** A plan for the page. */
export interface ShownPlan extends PlanFacts {
  /** Identifies the plan for its approval. */
  readonly id: string;
  readonly madeMs: number;
  /** The equivalent command. */
  readonly command: string;
  /** Why the plan cannot be started from here; `null` if it can. */
  readonly refusal: string | null;
}

/** A plan cached by the server, with its inputs. */
export interface KeptPlan {
  readonly shown: ShownPlan;
  readonly plan: Plan;
  readonly recipe: string;
  readonly settings: RecipeSettings;
  /** See `stampOf`. */
  readonly stamp: string;
  /** The start of the run after approval. Repeated requests return the same run. */
  started: Promise<string | null> | null;
}

/** Cap of a run: dollars, or time on a machine without a price. */
export interface RunCap {
  readonly microUsd: number | null;
  readonly seconds: number | null;
}

/** A place to train. */
export interface ShownPlace {
  readonly kind: PlaceEstimate["kind"];
  readonly name: string;
  readonly provider: string;
  readonly region: string;
  readonly pricing: PlaceEstimate["pricing"];
  readonly microUsdPerHour: number;
  readonly price: { readonly name: string; readonly asOf: string | null };
  readonly fits: PlaceEstimate["fits"];
  readonly change: string | null;
  readonly memory: (Range<number> & { readonly usable: number; readonly biggestTerm: string }) | null;
  readonly seconds: Range<number> | null;
  readonly runMicroUsd: Range<number>;
  readonly total: ShownTotal | null;
}

/** Total cost of a fine-tune at a place. */
export interface ShownTotal {
  readonly p50: number;
  readonly p90: number;
  readonly shares: readonly { readonly name: string; readonly share: number }[];
  readonly distribution: {
    readonly from: number;
    readonly to: number;
    readonly counts: readonly number[];
  } | null;
}

/** A finding without its rows. */
export interface ShownFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly fix: string;
  readonly count: number;
}

const maxPlaces = 100;
const maxFindings = 200;
const textChars = 2_000;

/** Reads the plan from the document of `tunewise plan --json`; `null` if there is no readable plan. */
export function planFrom(document: CommandDocument): Plan | null {
  return readPlan(JSON.stringify(document["plan"] ?? null)).plan;
}

/** Extracts `PlanFacts` from a plan. @param findings all findings of the command, including those about rows */
export function planFacts(plan: Plan, findings: readonly Finding[]): PlanFacts {
  const { model, data, schedule, places, best } = plan;
  return {
    fingerprint: plan.fingerprint,
    model: {
      source: model.source,
      parameters: model.parameters,
      trainedParameters: model.trainedParameters,
      method: model.method,
      rank: model.rank,
    },
    data,
    schedule: { steps: schedule.steps, epochs: schedule.epochs, tokens: schedule.tokens },
    derived: plan.settings,
    places: places.slice(0, maxPlaces).map(shownPlace),
    best: best !== null && best < maxPlaces ? best : null,
    findings: shownFindings(findings),
    assumptions: plan.assumptions.map(({ key, value, origin }) => ({ key, value: String(value), origin })),
    ...capsOf(plan),
  };
}

function shownPlace(place: PlaceEstimate): ShownPlace {
  const { memory, total, price } = place;
  return {
    kind: place.kind,
    name: place.name,
    provider: place.provider,
    region: place.region,
    pricing: place.pricing,
    microUsdPerHour: place.usdPerHour,
    price: priceOf(price),
    fits: place.fits,
    change: place.change,
    seconds: place.seconds,
    runMicroUsd: place.runUsd,
    memory: memory && { ...memory.bytes, usable: memory.usableBytes, biggestTerm: memory.biggestTerm },
    total: total && {
      p50: total.p50,
      p90: total.p90,
      shares: total.shares,
      distribution: total.distribution,
    },
  };
}

function priceOf({ name, asOf, readOn }: PriceSource): ShownPlace["price"] {
  return { name, asOf: asOf ?? readOn ?? null };
}

function shownFindings(findings: readonly Finding[]): ShownFinding[] {
  const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
  return findings
    .toSorted((a, b) => rank[a.severity] - rank[b.severity])
    .slice(0, maxFindings)
    .map(({ code, severity, title, detail, fix, count }) => ({
      code,
      severity,
      title,
      count,
      detail: detail.slice(0, textChars),
      fix: fix.slice(0, textChars),
    }));
}

/** Caps are rounded up to a cent or a minute. */
const [centMicroUsd, minuteSeconds] = [10_000, 60];

/**
 * The recipe's own cap, and the proposed one. They are the same unless the plan's high end exceeds the recipe's cap.
 */
function capsOf({ cost, budget, places }: Plan): Pick<PlanFacts, "cap" | "recipeCap"> {
  const here = places.find(({ kind }) => kind === "here");
  if (cost.usdPerHour > 0) {
    const high = Math.max(centMicroUsd, budget.enoughUsd, here?.total?.p90 ?? 0);
    const enough = Math.max(roundedUp(high, centMicroUsd), budget.capUsd ?? 0);
    return {
      cap: { microUsd: enough, seconds: null },
      recipeCap: { microUsd: budget.capUsd, seconds: null },
    };
  }
  const enough = Math.max(
    minuteSeconds,
    roundedUp(budget.enoughSeconds, minuteSeconds),
    budget.capSeconds ?? 0,
  );
  return {
    cap: { microUsd: null, seconds: enough },
    recipeCap: { microUsd: null, seconds: budget.capSeconds },
  };
}

function roundedUp(value: number, unit: number): number {
  return unit * Math.ceil(value / unit);
}
