/** @file Branded numbers, so that money, bytes, seconds and tokens cannot be mixed up between modules. */

declare const unit: unique symbol;

/** A count of bytes. */
export type Bytes = number & { readonly [unit]: "bytes" };
/** A duration in seconds. */
export type Seconds = number & { readonly [unit]: "seconds" };
/** Money as an integer number of micro-dollars: sums stay exact. */
export type Usd = number & { readonly [unit]: "micro-usd" };
/** A count of tokens. */
export type Tokens = number & { readonly [unit]: "tokens" };

/** Creates bytes; fractions are rounded up. */
export function bytes(count: number): Bytes {
  return Math.ceil(finite(count, "bytes")) as Bytes;
}

/**
 * Creates seconds.
 */
export function seconds(count: number): Seconds {
  return finite(count, "seconds") as Seconds;
}

/**
 * Creates money from dollars, rounded to a micro-dollar.
 */
export function usd(dollars: number): Usd {
  return Math.round(finite(dollars, "usd") * 1e6) as Usd;
}

/** Converts money to dollars, for display and ratios. */
export function dollars(money: Usd): number {
  return money / 1e6;
}

/** Creates tokens, rounded to an integer. */
export function tokens(count: number): Tokens {
  return Math.round(finite(count, "tokens")) as Tokens;
}

/** Computes the cost of a duration at an hourly price. */
export function cost(usdPerHour: Usd, time: Seconds): Usd {
  return Math.round((usdPerHour * time) / 3600) as Usd;
}

function finite(value: number, name: string): number {
  if (!Number.isFinite(value)) throw new RangeError(`Internal: ${name} must be finite, got ${value}`);
  return value;
}
