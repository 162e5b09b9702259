/**
 * @file Branded numbers, so that money, bytes, seconds and tokens cannot be mixed up between rooms.
 */

declare const unit: unique symbol;

/** A count of bytes. */
export type Bytes = number & { readonly [unit]: "bytes" };
/** A duration in seconds. */
export type Seconds = number & { readonly [unit]: "seconds" };
/** Money as an integer number of micro-dollars: sums stay exact. */
export type Usd = number & { readonly [unit]: "micro-usd" };
/** A count of tokens. */
export type Tokens = number & { readonly [unit]: "tokens" };

/** Bytes from a plain number; fractions are rounded up, because memory comes in whole bytes. */
export function bytes(count: number): Bytes {
  return Math.ceil(finite(count, "bytes")) as Bytes;
}

/** Seconds from a plain number. */
export function seconds(count: number): Seconds {
  return finite(count, "seconds") as Seconds;
}

/** Money from dollars, rounded to a micro-dollar. */
export function usd(dollars: number): Usd {
  return Math.round(finite(dollars, "usd") * 1e6) as Usd;
}

/** Money as dollars, for showing and for ratios. */
export function dollars(money: Usd): number {
  return money / 1e6;
}

/** Tokens from a whole number. */
export function tokens(count: number): Tokens {
  return Math.round(finite(count, "tokens")) as Tokens;
}

/** Price per hour times a duration. */
export function cost(usdPerHour: Usd, time: Seconds): Usd {
  return Math.round((usdPerHour * time) / 3600) as Usd;
}

function finite(value: number, name: string): number {
  if (!Number.isFinite(value)) throw new RangeError(`Internal: ${name} must be finite, got ${value}`);
  return value;
}
