/**
 * @file How long a tokenizer may work on a text, and a template on a conversation: some seconds, more for long ones.
 */
import { problem } from "../../problem/index.ts";
import { DeadlinePassed, withDeadline } from "../../untrusted/index.ts";

/** Seconds for any text, enough for a machine that is busy with twenty other things. */
const SECONDS_LEAST = 5;
/** A tokenizer does a million a second and more; a tenth of that on a busy machine. */
const CHARACTERS_PER_SECOND = 100_000;

/** Seconds that a text of so many characters may take. */
export function secondsFor(characters: number): number {
  return SECONDS_LEAST + characters / CHARACTERS_PER_SECOND;
}

/**
 * Work of a tokenizer's patterns on so many characters.
 *
 * @throws {TunewiseError} `TOKENIZER_TOO_SLOW` where it was cut off
 */
export function inTime<Result>(characters: number, work: () => Result): Result {
  return timed(characters, work, (seconds) => problem("TOKENIZER_TOO_SLOW", { seconds, characters }));
}

/**
 * Work of a chat template on messages of so many characters.
 *
 * @throws {TunewiseError} `TEMPLATE_LIMIT` where it was cut off
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
