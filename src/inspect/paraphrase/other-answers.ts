/** @file Whether two answers show that their questions are not the same, however alike they are worded. */
import { normalizeText } from "../../dataset/index.ts";

/** Longest answer, in characters, that one question has in one form only: a label, a number, a name, a date. */
const shortAnswer = 60;
/** Words that a template has at least, and the largest share of them that is filled in. */
const [fewestWords, mostFilled] = [5, 0.25];
/** Characters that are compared. */
const mostRead = 16_384;

/**
 * Whether two answers differ and are short, or are one template with other values, such as a query for another state:
 * who rephrases a question does not change its answer in that way. Long answers in other words show nothing.
 */
export function areOtherAnswers(one: string, other: string): boolean {
  if (one.trim() === other.trim()) return false;
  if (Math.max(one.length, other.length) <= shortAnswer) return normalizeText(one) !== normalizeText(other);
  const [mine, theirs] = [one, other].map((text) => text.slice(0, mostRead).match(/[\p{L}\p{N}_]+/gu) ?? []);
  if (mine === undefined || mine.length < fewestWords || mine.length !== theirs?.length) return false;
  const filled = mine.filter((word, at) => word.toLowerCase() !== theirs[at]?.toLowerCase()).length;
  return filled > 0 && filled <= mostFilled * mine.length;
}
