/** @file Words for money on a command line: a budget and a price per hour. */
import { problem } from "../problem/index.ts";
import { type Usd, usd } from "../quantity/index.ts";

const budgetWords = /^\$?\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|dollars?|\$)?$/i;
const rateWords = /^\$?\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|dollars?|\$)?(?:\s*(?:\/|per)\s*(?:h|hr|hour))?$/i;

/**
 * `20usd`, `$20`, `20`.
 *
 * @throws {TunewiseError} `EXEC_BUDGET_INVALID` for other words and for nothing
 */
export function readBudget(text: string): Usd {
  const money = moneyIn(budgetWords, text);
  if (money === null || money === 0) throw problem("EXEC_BUDGET_INVALID", { found: shown(text) });
  return money;
}

/**
 * `2.49/h`, `$2.49/h`, `2.49`; zero for a machine that costs nothing.
 *
 * @throws {TunewiseError} `EXEC_RATE_INVALID`
 */
export function readRate(text: string): Usd {
  const money = moneyIn(rateWords, text);
  if (money === null) throw problem("EXEC_RATE_INVALID", { found: shown(text) });
  return money;
}

function moneyIn(words: RegExp, text: string): Usd | null {
  const found = words.exec(text.trim());
  return found ? usd(Number(found[1])) : null;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
