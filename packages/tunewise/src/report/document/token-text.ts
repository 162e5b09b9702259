/** @file Tokens as text: runs of equal style, trained ones between marks, and white space that is hard to see. */
import type { TokenSpan } from "./document.ts";
import { visible } from "./plain-text.ts";

/** Marks around trained tokens where there are no colors. */
export const trainedMarks = ["\u27e6", "\u27e7"] as const;

/** Where truncation cuts a row. */
export const cutMark = "\u2702";

/** Tokens with the same style, joined. */
export function runsOf(tokens: readonly TokenSpan[]): TokenSpan[] {
  const runs: TokenSpan[] = [];
  for (const token of tokens) {
    const last = runs.at(-1);
    const isSame =
      last?.isTrained === token.isTrained && last.isSpecial === token.isSpecial && last.isCut === token.isCut;
    if (last !== undefined && isSame) runs[runs.length - 1] = { ...last, text: last.text + token.text };
    else runs.push(token);
  }
  return runs;
}

/** The text with marks around trained runs and at the cut. @param paint styles a run, for colors beside the marks */
export function markedText(
  tokens: readonly TokenSpan[],
  paint: (run: TokenSpan) => string = ({ text }) => text,
): string {
  let isOpen = false;
  let isCut = false;
  const parts = runsOf(tokens).map((run) => {
    const isInside = run.isTrained && !run.isCut;
    const mark = isInside === isOpen ? "" : isInside ? trainedMarks[0] : trainedMarks[1];
    const cut = run.isCut && !isCut ? cutMark : "";
    [isOpen, isCut] = [isInside, run.isCut];
    return mark + cut + paint(run);
  });
  return parts.join("") + (isOpen ? trainedMarks[1] : "");
}

/**
 * Shows line ends as `⏎` and a new line, and tabs as `⇥`. Spaces are `␣` where they begin or end a line,
 * are beside something other than text, or follow another space. Invisible characters are shown by code point.
 *
 * @param isEdge whether something other than text is before and after it, such as a special token
 */
export function visibleSpace(
  text: string,
  isEdge: { readonly before: boolean; readonly after: boolean },
): string {
  const printable = visible(text.replaceAll("\r", "\u240d"));
  const shown = printable.replaceAll("\u00a0", "\u237d").replaceAll("\t", "\u21e5");
  const spaces = shown
    .replace(/ {2,}/g, (run) => "\u2423".repeat(run.length))
    .replace(/^ | $/gm, (space, at: number) => {
      const last = shown.length - 1;
      const isMarked = (at === 0 ? isEdge.before : at < last) || (at === last ? isEdge.after : at > 0);
      return isMarked ? "\u2423" : space;
    });
  return spaces.replaceAll("\n", "\u23ce\n");
}
