/**
 * @file A document as its readers give it: text in blocks below headings, each with its place.
 */
import type { ProblemCode, Severity } from "../../problem/index.ts";
import type { SourcePlace } from "../passages/passage.ts";

/** What kind of file a document is. */
export type DocumentKind = "markdown" | "text" | "html" | "pdf" | "table" | "json";

/** A piece of text that belongs together. */
export interface Block {
  /** `row`: of a table inside a text; `record`: of a file that is all rows, which stands for itself. */
  readonly kind: "text" | "item" | "row" | "code" | "record";
  readonly text: string;
  readonly place: SourcePlace;
}

/** Blocks below the same headings. */
export interface Section {
  /** Outermost first; empty above the first heading. */
  readonly headings: readonly string[];
  /** Where it begins. */
  readonly place: SourcePlace;
  readonly blocks: readonly Block[];
}

/** What tells whether a document is the same as before. */
export interface DocumentKey {
  readonly name: string;
  /** SHA-256 of its bytes in hex. */
  readonly hash: string;
}

/** A document that could be read. */
export interface SourceDocument extends DocumentKey {
  readonly kind: DocumentKind;
  readonly sections: readonly Section[];
}

/** Something to be said about a document, on its way to a finding. */
export interface Remark {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly about: Readonly<Record<string, string | number>>;
  /** Line or row where it is to be seen. */
  readonly line?: number;
  /** How many such there are, where not one. */
  readonly count?: number;
}

/** What a reader makes of a file; without text, its remarks say why. */
export interface Reading {
  readonly sections: readonly Section[];
  readonly remarks: readonly Remark[];
}

/** Nothing could be read, and why. */
export function refused(code: ProblemCode, about: Remark["about"] = {}): Reading {
  return { sections: [], remarks: [{ code, severity: "error", about }] };
}
