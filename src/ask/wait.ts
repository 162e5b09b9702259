/**
 * @file How long to wait before a request is sent again.
 */

/** First and longest pause that we choose ourselves. */
const pauseMsFirst = 500;
const pauseMsMost = 30_000;
/** The longest pause that an endpoint may ask for; beyond it the question fails at once, with what was asked for. */
export const askedWaitMsMost = 120_000;

/**
 * A pause after try number `tries`, from 1: anything between nothing and twice the one before.
 *
 * @source "full jitter" in M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015
 */
export function backOffMs(tries: number, random: () => number): number {
  return random() * Math.min(pauseMsMost, pauseMsFirst * 2 ** (tries - 1));
}

/**
 * What an endpoint asks to wait; `null`: it says nothing that can be understood. Never negative.
 *
 * @source RFC 9110, 10.2.3: seconds or a date; `retry-after-ms` as openai/openai-node reads it
 */
export function askedWaitMs(headers: Headers, nowMs: number): number | null {
  const milliseconds = plainNumber(headers.get("retry-after-ms"));
  if (milliseconds !== null) return milliseconds;
  const text = headers.get("retry-after");
  const seconds = plainNumber(text);
  if (seconds !== null) return seconds * 1000;
  // Date.parse reads nearly anything; a date of HTTP always ends so.
  const date = text?.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function plainNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null;
}
