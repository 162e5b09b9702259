/** @file HTML templates that prevent injection: every value is escaped as text unless it is already `Markup`. */
import { visible } from "./plain-text.ts";

/** Text that is already HTML. Created only by `html`, `joined` and `trusted`. */
export interface Markup {
  readonly markup: string;
}

/** A value in a template: text is escaped, markup is not, list items are concatenated, and `null` is omitted. */
export type Piece = string | number | Markup | null | readonly Piece[];

/**
 * A tagged template for HTML and SVG.
 *
 * @example
 * const line = html`<p>${"a < b"}</p>`; // <p>a &lt; b</p>
 */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const written = parts.map((part, i) => part + (i < pieces.length ? write(pieces[i] ?? null) : ""));
  return { markup: written.join("") };
}

/** Marks text from this program's source as markup, such as the style sheet. Never use it for text of a run. */
export function trusted(markup: string): Markup {
  return { markup };
}

function write(piece: Piece): string {
  if (piece === null) return "";
  if (typeof piece === "number") return String(piece);
  if (typeof piece === "string") return escapeHtml(piece);
  return "markup" in piece ? piece.markup : piece.map(write).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for an element or a quoted attribute. Invisible characters are shown by their code points. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
