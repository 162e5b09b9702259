/** @file Runs user-supplied regular expressions under a deadline, since they may backtrack forever. */
import { withDeadline } from "@tunewise/core/untrusted";

/** Max. length of a pattern in characters. */
const maxPatternLength = 1_000;
/** Time limit per answer in seconds; an ordinary pattern takes about a microsecond. */
const maxSeconds = 0.25;

/** Returns the reason why a pattern is invalid, or `null`. A pattern is plain, or `/pattern/flags`. */
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

/** Whether the pattern matches within the text; `false` if it exceeds the time limit. */
export function findsPattern(pattern: string, text: string): boolean {
  return searchPattern(pattern, text) === true;
}

/** Whether the pattern matches within the text, or `null` if it is invalid or exceeds the time limit. */
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
  return withDeadline(maxSeconds, () => new RegExp(source ?? "", flags).test(text));
}
