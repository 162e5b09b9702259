/** @file Parses budgets and hourly rates as people write them. */
import { type Usd, usd } from "./quantity.ts";

/** Requires a unit, because a bare number may mean minutes. */
const budgetWords = /^(?=\$|.*(?:usd|dollars?|\$)$)\$?\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|dollars?|\$)?$/i;
const rateWords = /^\$?\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|dollars?|\$)?(?:\s*(?:\/|per)\s*(?:h|hr|hour))?$/i;

/** Parses a budget such as `20usd` or `$20`; `null` for other text and for 0. */
export function parseBudget(text: string): Usd | null {
  return moneyIn(budgetWords, text) || null;
}

/** Parses an hourly rate such as `2.49/h`, `$2.49/h` or `2.49`, 0 included; `null` for other text. */
export function parseRate(text: string): Usd | null {
  return moneyIn(rateWords, text);
}

/** The text of an invalid amount for an error: quoted, and at most 40 characters of it. */
export function shownAmount(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function moneyIn(words: RegExp, text: string): Usd | null {
  const found = words.exec(text.trim());
  return found ? usd(Number(found[1])) : null;
}
