/**
 * @file What arms cost, in what there is to pay: dollars, or time where nothing costs any. On a machine that is
 *   free a table of dollars would be a column of zeros, and what one waits for is the price.
 */
import { seconds, secondsText, type Usd, usdText } from "../../quantity/index.ts";
import type { ShownArm, TryDocument } from "./try-document.ts";

/** What is paid. */
export type CostUnit = "dollars" | "time";

/** What one arm costs, in micro-dollars or in seconds. */
export interface ArmCost {
  /** Before it answers: training that is still to be paid or waited for. */
  readonly upFront: number;
  readonly perThousand: number;
  /** `null` where no answer is right. */
  readonly perRight: number | null;
  /** No other arm is at least as good for at most as much. */
  readonly isBest: boolean;
}

/** Costs of the arms of a decision by their names, and what they are counted in. */
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

/** Seconds that an answer takes when many are made together. */
function secondsEach(arm: ShownArm | undefined): number {
  if (arm === undefined) return 0;
  return arm.seconds / Math.max(1, arm.answered);
}

/** An amount in its unit. */
export function costText(amount: number, unit: CostUnit): string {
  if (unit === "time") return amount === 0 ? "0 s" : secondsText(seconds(amount));
  return smallUsd(amount as Usd);
}

/** Tiny sums keep their first digits: $0.00 would say "nothing". */
export function smallUsd(amount: Usd): string {
  const dollars = amount / 1e6;
  return dollars > 0 && dollars < 0.01 ? `$${dollars.toPrecision(2)}` : usdText(amount);
}

/** From how many answers on the time that training takes is made up by quicker answers; `null`: never. */
export function answersUntilMadeUp(trained: ArmCost, other: ArmCost): number | null {
  const saved = (other.perThousand - trained.perThousand) / 1000;
  const extra = trained.upFront - other.upFront;
  if (extra <= 0) return saved >= 0 ? 0 : null;
  return saved > 0 ? Math.ceil(extra / saved) : null;
}
