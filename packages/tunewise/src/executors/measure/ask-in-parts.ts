/**
 * @file Answers rows in parts. Each part is cached at once, so that complete parts count if a cap or the user
 * interrupts.
 */
import type { RowAnswer } from "@tunewise/core/run";
import { type AnswerCache, answerKey } from "./answer-cache.ts";

/** Settings of answering in parts. */
export interface Parts {
  /** Rows of a part. */
  readonly rowsAtOnce: number;
  /** Earlier answers; `null` to cache none. */
  readonly cache: AnswerCache | null;
  readonly signal: AbortSignal;
}

/** Rows as a model receives them. */
export interface AnswerPart {
  /** Model and settings, as JSON; `null` if the answers must not be cached. */
  readonly asked: unknown;
  /** Tokens of each row. */
  readonly ids: readonly Int32Array[];
}

/**
 * Answers all rows, or the first ones if the work is interrupted.
 *
 * @param ask answers the rows at the given indices, in that order
 */
export async function askInParts(
  { rowsAtOnce, cache, signal }: Parts,
  { asked, ids }: AnswerPart,
  ask: (places: readonly number[]) => Promise<readonly RowAnswer[]>,
): Promise<RowAnswer[]> {
  const keys = ids.map((one) => (cache === null || asked === null ? "" : answerKey(asked, one)));
  const answers: RowAnswer[] = [];
  for (let from = 0; from < ids.length; from += rowsAtOnce) {
    const places = keys.slice(from, from + rowsAtOnce).map((_, at) => from + at);
    const known = places.map((place) => cache?.find(keys[place] as string));
    const open = places.filter((_, at) => known[at] === undefined);
    const fresh = new Map<number, RowAnswer>();
    if (open.length > 0) {
      const given = await unlessAborted(signal, () => ask(open));
      if (given === null) return answers;
      for (const [at, place] of open.entries()) fresh.set(place, given[at] as RowAnswer);
      if (asked !== null)
        await cache?.add([...fresh].map(([place, given]) => ({ key: keys[place] as string, ...given })));
    }
    answers.push(...places.map((place, at) => known[at] ?? (fresh.get(place) as RowAnswer)));
  }
  return answers;
}

async function unlessAborted<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result | null> {
  if (signal.aborted) return null;
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
