/** @file Ranges of time and money as text. */
import { dollars, type Range, type Seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";

/** `3 min 20 s (2 min 50 s-4 min)` */
export function secondsRange({ low, expected, high }: Range<Seconds>): string {
  return `${secondsText(expected)} (${secondsText(low)}-${secondsText(high)})`;
}

/** `$0.05 (0.04-0.07)` */
export function usdRange({ low, expected, high }: Range<Usd>): string {
  return low === high ? usdText(expected) : `${usdText(expected)} (${usdText(low)}-${usdText(high)})`;
}

/** Units of time, smallest first, with the maximum number that is still easy to read. */
const units = [
  { name: "s", seconds: 1, most: 90 },
  { name: "min", seconds: 60, most: 90 },
  { name: "h", seconds: 3600, most: 48 },
  { name: "days", seconds: 86_400, most: Number.POSITIVE_INFINITY },
] as const;

/** `53 min (31-99)`, with one unit and two digits, for tables. */
export function shortTime({ low, expected, high }: Range<Seconds>): string {
  const unit = unitOf(expected);
  const text = (value: number): string => digits(value / unit.seconds);
  return `${text(expected)} ${unit.name} (${text(low)}-${text(high)})`;
}

function unitOf(time: Seconds): (typeof units)[number] {
  return units.find(({ seconds, most }) => time < seconds * most) ?? units[3];
}

/** `$0.22 (0.13-0.41)` */
export function shortMoney({ low, expected, high }: Range<Usd>): string {
  const text = (money: Usd): string => digits(dollars(money));
  return low === high ? `$${text(expected)}` : `$${text(expected)} (${text(low)}-${text(high)})`;
}

/** `5.5 min`: only the expected time. */
export function briefTime(time: Seconds): string {
  const unit = unitOf(time);
  return `${digits(time / unit.seconds)} ${unit.name}`;
}

/** `$0.0015`: two digits below a dollar, for prices in a sentence. */
export function briefMoney(money: Usd): string {
  const value = dollars(money);
  return value === 0 || value >= 0.995 ? usdText(money) : `$${digits(value)}`;
}

/** Formats small numbers with two digits, large ones as integers. */
function digits(value: number): string {
  if (value === 0) return "0";
  if (value >= 9.95) return String(Math.round(value));
  return value >= 0.995 ? value.toFixed(1) : String(Number(value.toPrecision(2)));
}
