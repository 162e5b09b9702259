/** @file Caches answers until the database changes, so that reloading a page does not cause another scan. */
import type { Database } from "./database.ts";
import { revisionOf } from "./revision.ts";

/** A cached answer. */
interface Kept<Answer> {
  readonly revision: string;
  readonly ms: number;
  readonly answer: Answer;
}

/** Maximum age of a cached answer. Even without changes, leases end and costs grow over time. */
const keptMs = 60_000;
/** Maximum number of cached answers. Callers with different permissions ask different questions. */
const maxKept = 50;

/** How to answer questions. */
export interface Answering<Question, Answer> {
  readonly database: Pick<Database, "all" | "dialect">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Answers a question. Questions are plain data. */
  readonly read: (question: Question) => Promise<Answer>;
  /** Whether an answer is small enough to cache; by default all are. */
  readonly isSmall?: (answer: Answer) => boolean;
}

/** Creates a function that answers questions, from the cache if nothing has changed. */
export function createKeptAnswers<Question, Answer>({
  database,
  now,
  read,
  isSmall = () => true,
}: Answering<Question, Answer>): (question: Question) => Promise<Answer> {
  const kept = new Map<string, Kept<Answer>>();
  return async (question) => {
    const [key, ms] = [JSON.stringify(question), now()];
    const revision = await revisionOf(database);
    const known = kept.get(key);
    if (known?.revision === revision && ms - known.ms < keptMs) return known.answer;
    const answer = await read(question);
    kept.delete(key);
    if (isSmall(answer)) kept.set(key, { revision, ms, answer });
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    return answer;
  };
}
