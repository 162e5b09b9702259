/** @file Answers that are given again as long as nothing in the database has changed: whoever reloads a page asks for no scan. */
import { type Database, revisionOf } from "@tunewise/tracker";

/** What an answer is kept with. */
interface Kept<Answer> {
  readonly revision: string;
  readonly ms: number;
  readonly answer: Answer;
}

/** How long an answer is used again while nothing changes: leases end and prices add up all the same. */
const keptMs = 60_000;
/** Answers that are kept; callers with rights of their own ask questions of their own. */
const keptMost = 50;

/** How questions are answered. */
export interface Answering<Question, Answer> {
  readonly database: Pick<Database, "all" | "dialect">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Answers a question, which is plain data. */
  readonly read: (question: Question) => Promise<Answer>;
  /** Whether an answer is small enough to be kept; default: each is. */
  readonly isSmall?: (answer: Answer) => boolean;
}

/** Answers questions, again what was answered where nothing has changed. */
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
      if (kept.size <= keptMost) break;
      kept.delete(oldest);
    }
    return answer;
  };
}
