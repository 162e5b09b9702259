/** @file Parses and formats money and time in flags: `--budget 20usd,30min`, `--rate 2.49/h`. */
import { problem } from "../problem/index.ts";
import { type BudgetCaps, type FlagValue, isTexts } from "./command.ts";
import { budgetBounds } from "./flags.ts";

/** Requires a unit, since a bare `20` may mean dollars or minutes. */
const dollarsPattern = /^(?=\$|.*(?:usd|\$)$)\$?(\d{1,9}(?:\.\d{1,12})?) ?(?:usd|\$)?$/i;
const minutesPattern = /^(\d{1,9}(?:\.\d{1,12})?) ?min(?:utes?)?$/i;
const ratePattern = /^\$?(\d{0,9}(?:\.\d{1,12})?) ?(?:usd|\$)?(?:\/h(?:our)?)?$/i;
/** Maximum hourly price of a machine, in dollars. */
const maxRate = 100_000;

/**
 * Parses caps: `20usd` or `$20`, `30min`, or both separated by a comma. A number without a unit is rejected.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID`
 */
export function readBudget(flag: string, text: string): BudgetCaps {
  const caps: { usd: number | null; minutes: number | null } = { usd: null, minutes: null };
  for (const part of text.split(",").map((one) => one.trim())) {
    const [minutes, dollars] = [minutesPattern.exec(part), dollarsPattern.exec(part)];
    const unit = minutes ? "minutes" : "usd";
    const value = Number((minutes ?? dollars)?.[1] ?? Number.NaN);
    const { least, most } = budgetBounds[unit];
    if (!(value >= least && value <= most) || caps[unit] !== null) throw notACap(flag, text);
    caps[unit] = value;
  }
  return caps;
}

function notACap(flag: string, text: string): Error {
  return problem("USAGE_VALUE_INVALID", {
    name: flag,
    expected: "a cap with its unit: dollars, minutes, or both",
    found: JSON.stringify(text.slice(0, 60)),
    fix: `write ${flag} 20usd, ${flag} 30min or ${flag} 20usd,30min`,
  });
}

/** Formats caps as a value of `--budget`. */
export function budgetText({ usd, minutes }: BudgetCaps): string {
  return [...(usd === null ? [] : [`${usd}usd`]), ...(minutes === null ? [] : [`${minutes}min`])].join(",");
}

/** Merges the caps of several flags; `null` if a cap is given twice. */
export function mergeCaps(given: FlagValue | undefined, added: BudgetCaps): BudgetCaps | null {
  if (typeof given !== "object" || isTexts(given)) return added;
  const isTwice = (["usd", "minutes"] as const).some((unit) => given[unit] !== null && added[unit] !== null);
  return isTwice ? null : { usd: given.usd ?? added.usd, minutes: given.minutes ?? added.minutes };
}

/**
 * Parses dollars per hour: `2.49/h`, `$2.49` or `2.49`.
 *
 * @throws {TunewiseError} `USAGE_VALUE_INVALID`
 */
export function readHourlyRate(flag: string, text: string): number {
  const value = Number(ratePattern.exec(text.trim())?.[1] || Number.NaN);
  if (value >= 0 && value <= maxRate) return value;
  throw problem("USAGE_VALUE_INVALID", {
    name: flag,
    expected: `a price per hour from 0 to ${maxRate} dollars, such as 2.49/h`,
    found: JSON.stringify(text.slice(0, 60)),
    fix: `write ${flag} 2.49/h`,
  });
}
