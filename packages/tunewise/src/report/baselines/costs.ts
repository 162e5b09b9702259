/**
 * @file Costs of arms in dollars or, if nothing costs money, in time: on a free machine, a dollar column would contain
 * only zeros.
 */
import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import type { ShownArm, TryDocument } from "./try-document.ts";

/** Unit of the costs. */
export type CostUnit = "dollars" | "time";

/** Costs of an arm, in micro-dollars or seconds. */
export interface ArmCost {
  /** Upfront cost: training that has not been done yet. */
  readonly upFront: number;
  readonly perThousand: number;
  /** `null` if no answer is correct. */
  readonly perRight: number | null;
  /** Whether the arm is Pareto-optimal: no other is at least as good at no higher cost. */
  readonly isBest: boolean;
}

/** Costs of arms by name, and their unit. */
export interface ArmCosts {
  readonly unit: CostUnit;
  readonly of: ReadonlyMap<string, ArmCost>;
}

/** Costs of all arms that have a score. */
export function armCosts({ decision: { table }, arms }: Pick<TryDocument, "decision" | "arms">): ArmCosts {
  const isFree = table.every(
    ({ usdToGetThere, usdPerThousandAnswers }) => usdToGetThere.high + usdPerThousandAnswers.high === 0,
  );
  if (!isFree || table.length === 0) {
    const of = table.map((row): [string, ArmCost] => [
      row.name,
      {
        upFront: row.usdToGetThere.expected,
        perThousand: row.usdPerThousandAnswers.expected,
        perRight: row.quality > 0 ? (row.usdPerCorrect?.expected ?? null) : null,
        isBest: row.isOnFrontier,
      },
    ]);
    return { unit: "dollars", of: new Map(of) };
  }
  const byLine = new Map(arms.map((arm) => [arm.line, arm]));
  const timed = table.map((row) => ({ row, each: secondsEach(byLine.get(row.name)) }));
  const of = timed.map(({ row, each }): [string, ArmCost] => {
    const isBeaten = timed.some(
      (other) =>
        other.row !== row &&
        other.row.kind !== "oracle" &&
        other.row.quality >= row.quality &&
        other.each <= each &&
        (other.row.quality > row.quality || other.each < each),
    );
    const upFront = byLine.get(row.name)?.secondsUpFront ?? 0;
    const perRight = row.quality > 0 ? each / row.quality : null;
    return [
      row.name,
      { upFront, perThousand: 1000 * each, perRight, isBest: row.kind !== "oracle" && !isBeaten },
    ];
  });
  return { unit: "time", of: new Map(of) };
}

/** Seconds per answer in batches. */
function secondsEach(arm: ShownArm | undefined): number {
  if (arm === undefined) return 0;
  return arm.seconds / Math.max(1, arm.answered);
}

/** Formats a cost in its unit. */
export function costText(amount: number, unit: CostUnit): string {
  if (unit === "time") return amount === 0 ? "0 s" : secondsText(seconds(amount));
  return smallUsd(amount as Usd);
}

/** Small amounts keep their leading digits, because $0.00 would look like no cost. */
export function smallUsd(amount: Usd): string {
  const dollars = amount / 1e6;
  return dollars > 0 && dollars < 0.01 ? `$${dollars.toPrecision(2)}` : usdText(amount);
}

/** Number of answers after which faster answers compensate for training time; `null` if never. */
export function answersUntilMadeUp(trained: ArmCost, other: ArmCost): number | null {
  const saved = (other.perThousand - trained.perThousand) / 1000;
  const extra = trained.upFront - other.upFront;
  if (extra <= 0) return saved >= 0 ? 0 : null;
  return saved > 0 ? Math.ceil(extra / saved) : null;
}
