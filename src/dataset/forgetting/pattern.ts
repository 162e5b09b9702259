/**
 * @file Regular expressions of the user's: they may take forever, so they run under a deadline.
 */
import { withDeadline } from "../../untrusted/index.ts";

/** Longest pattern, in characters. */
const maxPatternLength = 1_000;
/** Seconds a pattern may take on one answer; an ordinary one takes a millionth of one. */
const mostSeconds = 0.25;

/** Why a pattern cannot be used, or `null`. Written plainly, or as `/pattern/flags`. */
export function patternProblem(pattern: string): string | null {
  if (pattern === "") return "the pattern is empty";
  if (pattern.length > maxPatternLength) return `the pattern has more than ${maxPatternLength} characters`;
  try {
    run(pattern, "");
    return null;
  } catch (error) {
    return `the pattern cannot be read: ${(error as Error).message.slice(0, 200)}`;
  }
}

/** Whether the pattern is found in the text; one that takes too long counts as not found. */
export function findsPattern(pattern: string, text: string): boolean {
  return searchPattern(pattern, text) === true;
}

/** Whether the pattern is found; `null` where it took too long, or cannot be read, so that nobody knows. */
export function searchPattern(pattern: string, text: string): boolean | null {
  try {
    return run(pattern, text);
  } catch {
    return null;
  }
}

function run(pattern: string, text: string): boolean {
  const slashed = /^\/(.+)\/([imsu]{0,4})$/s.exec(pattern);
  const [source, flags] = slashed ? [slashed[1], slashed[2]] : [pattern, ""];
  return withDeadline(mostSeconds, () => new RegExp(source ?? "", flags).test(text));
}
