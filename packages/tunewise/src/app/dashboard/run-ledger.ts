/** @file A run's cost by kind and price, and its caps and budgets. */
import {
  type BudgetStanding,
  budgetsOf,
  findLaunch,
  type Reader,
  readSpend,
  type SpendLine,
  type TrackedRun,
} from "@tunewise/tracker";
import { capsInForce } from "../runs/index.ts";
import { type Some, some } from "./bounds.ts";

/** Ledger lines of the same kind and price. */
export interface LedgerPart
  extends Pick<
    SpendLine,
    "kind" | "microUsd" | "seconds" | "quantity" | "unit" | "priceMicroUsdPerHour" | "priceSource"
  > {
  readonly lines: number;
  /** Times of the first and last line. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Maximum number of shown parts. A client may use a new source for every charge. */
const maxParts = 200;

/** Sums a run's ledger by kind and price, in the order of the first lines. The sums are exact. */
export async function readLedger(reader: Reader, run: number): Promise<Some<LedgerPart>> {
  const parts = new Map<string, LedgerPart>();
  for (const line of await readSpend(reader, run)) {
    const { kind, unit, priceMicroUsdPerHour, priceSource, ms } = line;
    const name = JSON.stringify([kind, unit, priceMicroUsdPerHour, priceSource]);
    const known = parts.get(name);
    parts.set(name, {
      kind,
      unit,
      priceMicroUsdPerHour,
      priceSource,
      microUsd: (known?.microUsd ?? 0) + line.microUsd,
      seconds: (known?.seconds ?? 0) + line.seconds,
      quantity: (known?.quantity ?? 0) + line.quantity,
      lines: (known?.lines ?? 0) + 1,
      fromMs: Math.min(known?.fromMs ?? ms, ms),
      toMs: Math.max(known?.toMs ?? ms, ms),
    });
  }
  return some([...parts.values()], maxParts);
}

/** Caps of a run, and the budgets that it shares with other runs. */
export interface RunBudget {
  /** `null` if there is no cap. */
  readonly capMicroUsd: number | null;
  readonly capSeconds: number | null;
  /** Budgets of its project, and of all projects together. */
  readonly shared: readonly BudgetStanding[];
}

/**
 * Reads a run's caps and budgets.
 *
 * @param configuration configuration of a run of this engine; `null` for other runs
 * @param tags tags of the run, which contain caps changed by a resume
 */
export async function readRunBudget(
  reader: Reader,
  run: TrackedRun,
  configuration: string | null,
  tags: ReadonlyMap<string, string>,
  nowMs: number,
): Promise<RunBudget> {
  const shared = await budgetsOf(reader, run.project, nowMs);
  const budget = configuration === null ? null : capsInForce(configuration, tags);
  if (budget) {
    const { usd, minutes } = budget;
    return {
      capMicroUsd: usd === null ? null : Math.round(usd * 1e6),
      capSeconds: minutes === null ? null : minutes * 60,
      shared,
    };
  }
  const launch =
    (await findLaunch(reader, run.number)) ??
    (run.launchedBy === null ? null : await findLaunch(reader, run.launchedBy));
  return { capMicroUsd: launch?.capMicroUsd ?? null, capSeconds: null, shared };
}
