/** @file Remark about a document that was only read in part. */
import { MAX_BLOCKS, MAX_NESTING, MAX_PAGES, MAX_ROWS } from "../limits.ts";
import type { Remark } from "./source-document.ts";

const limits: Readonly<Record<"blocks" | "pages" | "rows" | "nesting", string>> = {
  blocks: `${MAX_BLOCKS} paragraphs and headings`,
  pages: `${MAX_PAGES} pages`,
  rows: `${MAX_ROWS} rows`,
  nesting: `${MAX_NESTING} elements inside each other`,
};

/** `DOCUMENT_CUT`, with the limit that was reached. */
export function cutRemark(what: keyof typeof limits): Remark {
  return { code: "DOCUMENT_CUT", severity: "warning", params: { limit: limits[what] } };
}
