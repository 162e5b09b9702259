/**
 * @file Detects code that a text shows as a warning: "never do this:", "// vulnerable", "The above is unsafe".
 *
 * An announced repair ("to avoid injection, use:") is not a warning about the code that follows.
 */
import type { Snippet } from "./snippet.ts";

const bad =
  "vulnerable|insecure|unsafe|dangerous|harmful|risky|exploitable|bad (?:practice|example|code|idea)|wrong way|not (?:safe|secure|recommended)";
/** Says that code is bad. */
const warns = new RegExp(`\\b(?:${bad})\\b`, "i");
/** Says not to do something. */
const forbids =
  /\b(?:never|do not|don['\u2019]?t|should(?: not|n['\u2019]?t)|must(?: not|n['\u2019]?t)|avoid)\b/i;
/** Announces a repair. */
const repairs =
  /\b(?:instead|fix(?:ed|es)?|correct(?:ed)?|safer?|secured?|securely|better|prevent|protect|improved|mitigat\w+|rewrit\w+|(?:to|can) avoid)\b(?! way to)/i;
/** Says that the preceding code is bad. */
const looksBack = new RegExp(
  `^(?:warning[:,] )?(?:note[:,] )?(?:this|that|it|the (?:above|previous|preceding)|here|in this (?:code|example)|because)[^.\\n]{0,120}\\b(?:${bad})\\b`,
  "i",
);
/** A warning comment in the first lines of the code. */
const comment = new RegExp(
  `^\\s{0,20}(?:#|//|--|/\\*+|<!--|\\*)\\s{0,5}(?:\\W{0,4})(?:bad|wrong|never|do not|don['\u2019]?t|${bad})\\b`,
  "i",
);

const [readBefore, readAfter, linesOfCode] = [400, 300, 3];

/**
 * Whether the text warns about a snippet: in the sentence before it, in its first lines, or in the sentence after it.
 */
export function isWarnedOf(text: string, { code, start, pieces }: Snippet): boolean {
  if (code.split("\n", linesOfCode).some((line) => comment.test(line))) return true;
  const before = lastSentence(text.slice(Math.max(0, start - readBefore), start));
  if ((warns.test(before) || forbids.test(before)) && !repairs.test(before.replace(warns, ""))) return true;
  const end = pieces.at(-1)?.end ?? start;
  const after = text.slice(end, end + readAfter).replace(/^[\s`~]{0,40}/, "");
  return looksBack.test(after);
}

/** The last sentence before an opening fence, or its part in the last paragraph. */
function lastSentence(text: string): string {
  const prose = text.replace(/\s{0,10}(?:`{3,10}|~{3,10})[^\n]{0,40}\n?$/, "").trimEnd();
  const paragraph = prose.slice(prose.lastIndexOf("\n\n") + 1).trim();
  const ends = [...paragraph.matchAll(/[.!?]\s/g)].map(({ index }) => index + 1);
  const last = ends.filter((end) => end < paragraph.length - 1).at(-1) ?? 0;
  return paragraph.slice(last);
}
