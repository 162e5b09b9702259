/** @file A parsed document: blocks of text below headings, each with its location. */
import type { ProblemCode, Severity } from "../../problem/index.ts";
import { MAX_BLOCKS, MAX_NESTING, MAX_PAGES, MAX_ROWS } from "../limits.ts";
import type { SourceLocation } from "../passages/passage.ts";

/** File kind of a document. */
export type DocumentKind = "markdown" | "text" | "html" | "pdf" | "table" | "json";

/** A unit of text. */
export interface Block {
  /** `row`: of a table inside a text; `record`: a self-contained row of a table file. */
  readonly kind: "text" | "item" | "row" | "code" | "record";
  readonly text: string;
  readonly place: SourceLocation;
}

/** Blocks below the same headings. */
export interface Section {
  /** Outermost first; empty above the first heading. */
  readonly headings: readonly string[];
  /** Where it begins. */
  readonly place: SourceLocation;
  readonly blocks: readonly Block[];
}

/** Identifies a version of a document. */
export interface DocumentKey {
  readonly name: string;
  /** SHA-256 of its bytes in hex. */
  readonly hash: string;
}

/** A document that was read. */
export interface SourceDocument extends DocumentKey {
  readonly kind: DocumentKind;
  readonly sections: readonly Section[];
}

/** A note about a document, later turned into a finding. */
export interface Note {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly params: Readonly<Record<string, string | number>>;
  /** Line or row it refers to. */
  readonly line?: number;
  /** Number of occurrences, if not one. */
  readonly count?: number;
}

/** Result of a reader; without text, the notes state the reason. */
export interface Reading {
  readonly sections: readonly Section[];
  readonly notes: readonly Note[];
}

/** An empty result with its reason. */
export function refused(code: ProblemCode, about: Note["params"] = {}): Reading {
  return { sections: [], notes: [{ code, severity: "error", params: about }] };
}

const limits: Readonly<Record<"blocks" | "pages" | "rows" | "nesting", string>> = {
  blocks: `${MAX_BLOCKS} paragraphs and headings`,
  pages: `${MAX_PAGES} pages`,
  rows: `${MAX_ROWS} rows`,
  nesting: `${MAX_NESTING} levels of nested elements`,
};

/** `DOCUMENT_CUT`, with the limit that was reached. */
export function cutNote(what: keyof typeof limits): Note {
  return { code: "DOCUMENT_CUT", severity: "warning", params: { limit: limits[what] } };
}
