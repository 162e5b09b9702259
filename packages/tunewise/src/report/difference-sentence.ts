/** @file Describes the difference between two ways of training. */
import type { WayDifference } from "../evaluate/index.ts";
import type { MetricName } from "../recipe/index.ts";
import { differenceText, intervalText, rowsText } from "./figure-text.ts";

const words = { better: "better", worse: "worse", unclear: "cannot tell" } as const;

/** `better`, `worse`, or `cannot tell`. */
export function verdictWords(verdict: WayDifference["verdict"]): string {
  return words[verdict];
}

/** `better by 8.4 points (95 %: 1.2-15.6), over 40 rows`, or `cannot tell: +0.4 points (95 %: -3.1 to 4.0), ...`. */
export function differenceSentence(metric: MetricName, difference: WayDifference): string {
  const { value, interval, rows, verdict } = difference;
  const between = interval === null ? "no interval" : `95 %: ${intervalText(metric, interval)}`;
  const over = `(${between}), over ${rowsText(rows)}`;
  if (rows === 0) return "cannot tell: no row was scored for both";
  if (verdict === "unclear") return `${words.unclear}: ${differenceText(metric, value)} ${over}`;
  return `${words[verdict]} by ${differenceText(metric, Math.abs(value)).replace(/^\+/, "")} ${over}`;
}
