/** @file Plain text reader: paragraphs are separated by blank lines. */

import { cutRemark } from "./cut-remark.ts";
import { linesOf } from "./lines.ts";
import { Outline, OutlineFull } from "./outline.ts";
import type { Reading } from "./source-document.ts";

/** Paragraphs with their first line number; headings are not guessed. */
export function readPlainText(text: string): Reading {
  const outline = new Outline();
  let paragraph: string[] = [];
  let start = 1;
  try {
    linesOf(text).forEach((line, at) => {
      if (line.trim() !== "") {
        if (paragraph.length === 0) start = at + 1;
        paragraph.push(line);
        return;
      }
      outline.block("text", paragraph.join("\n"), { unit: "line", number: start });
      paragraph = [];
    });
    outline.block("text", paragraph.join("\n"), { unit: "line", number: start });
  } catch (error) {
    if (error instanceof OutlineFull) return outline.finish([cutRemark("blocks")]);
    throw error;
  }
  return outline.finish();
}
