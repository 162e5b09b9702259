/**
 * @file Whether a text shows code in order to warn of it: "never do this:", "// vulnerable", "The above is unsafe".
 *
 * What announces a repair ("to avoid injection, use:") is no warning of the code that follows.
 */
import type { Snippet } from "./snippet.ts";

const bad =
  "vulnerable|insecure|unsafe|dangerous|harmful|risky|exploitable|bad (?:practice|example|code|idea)|wrong way|not (?:safe|secure|recommended)";
/** Says that code is bad. */
const warns = new RegExp(`\\b(?:${bad})\\b`, "i");
/** Says that something must not be done. */
const forbids =
  /\b(?:never|do not|don['\u2019]?t|should(?: not|n['\u2019]?t)|must(?: not|n['\u2019]?t)|avoid)\b/i;
/** Announces a repair. */
const repairs =
  /\b(?:instead|fix(?:ed|es)?|correct(?:ed)?|safer?|secured?|securely|better|prevent|protect|improved|mitigat\w+|rewrit\w+|(?:to|can) avoid)\b(?! way to)/i;
/** Says of the code before that it is bad. */
const looksBack = new RegExp(
  `^(?:warning[:,] )?(?:note[:,] )?(?:this|that|it|the (?:above|previous|preceding)|here|in this (?:code|example)|because)[^.\\n]{0,120}\\b(?:${bad})\\b`,
  "i",
);
/** A comment in the first lines of the code. */
const comment = new RegExp(
  `^\\s{0,20}(?:#|//|--|/\\*+|<!--|\\*)\\s{0,5}(?:\\W{0,4})(?:bad|wrong|never|do not|don['\u2019]?t|${bad})\\b`,
  "i",
);

const [readBefore, readAfter, linesOfCode] = [400, 300, 3];

/** Whether the text warns of a snippet: in the sentence before it, in its first comment, or in the sentence behind it. */
export function isWarnedOf(text: string, { code, start, pieces }: Snippet): boolean {
  if (code.split("\n", linesOfCode).some((line) => comment.test(line))) return true;
  const before = lastSentence(text.slice(Math.max(0, start - readBefore), start));
  if ((warns.test(before) || forbids.test(before)) && !repairs.test(before.replace(warns, ""))) return true;
  const end = pieces.at(-1)?.end ?? start;
  const after = text.slice(end, end + readAfter).replace(/^[\s`~]{0,40}/, "");
  return looksBack.test(after);
}

/** The last sentence, or what of it stands in the last paragraph, before an opening fence. */
function lastSentence(text: string): string {
  const prose = text.replace(/\s{0,10}(?:`{3,10}|~{3,10})[^\n]{0,40}\n?$/, "").trimEnd();
  const paragraph = prose.slice(prose.lastIndexOf("\n\n") + 1).trim();
  const ends = [...paragraph.matchAll(/[.!?]\s/g)].map(({ index }) => index + 1);
  const last = ends.filter((end) => end < paragraph.length - 1).at(-1) ?? 0;
  return paragraph.slice(last);
}
