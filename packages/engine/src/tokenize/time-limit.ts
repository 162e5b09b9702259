/** @file Time limits of tokenizers and chat templates: some seconds, plus time proportional to the text. */

import { DeadlinePassed, withDeadline } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";

/** Min. seconds for any text, enough for a heavily loaded machine. */
const MIN_SECONDS = 5;
/** A tokenizer processes a million characters per second and more; assume a tenth on a loaded machine. */
const CHARACTERS_PER_SECOND = 100_000;

/** Time limit in seconds for a text of this length. */
export function secondsFor(characters: number): number {
  return MIN_SECONDS + characters / CHARACTERS_PER_SECOND;
}

/**
 * Runs a tokenizer's patterns under a time limit.
 *
 * @throws {TunewiseError} `TOKENIZER_TOO_SLOW` if the time limit is exceeded
 */
export function inTime<Result>(characters: number, work: () => Result): Result {
  return timed(characters, work, (seconds) => problem("TOKENIZER_TOO_SLOW", { seconds, characters }));
}

/**
 * Renders a chat template under a time limit.
 *
 * @throws {TunewiseError} `TEMPLATE_LIMIT` if the time limit is exceeded
 */
export function renderInTime<Result>(characters: number, work: () => Result): Result {
  return timed(characters, work, (limit) => problem("TEMPLATE_LIMIT", { limit, what: "seconds" }));
}

function timed<Result>(characters: number, work: () => Result, failure: (seconds: number) => Error): Result {
  try {
    return withDeadline(secondsFor(characters), work);
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw failure(Math.round(error.seconds));
  }
}
