/**
 * @file HTML reader: the visible text of a page, without navigation, scripts and styles. The only importer of the HTML
 *   parser, an optional package loaded on the first page.
 */

import type { Parser } from "htmlparser2";
import { loadPackage, problem } from "../../problem/index.ts";
import { MAX_NESTING } from "../limits.ts";
import { lineCounter } from "./lines.ts";
import { Outline, oneLine } from "./outline.ts";
import { rowText } from "./record-text.ts";
import { cutNote, type Reading } from "./source-document.ts";

/** Elements whose content is invisible or serves navigation. */
const dropped: ReadonlySet<string> = new Set(
  "script style nav noscript template svg math iframe canvas object audio video select datalist".split(" "),
);

/** Block-level elements. */
const blocks: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote body br center dd details dialog div dl dt fieldset figcaption figure footer " +
    "form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu ol option p pre section summary table tbody td " +
    "tfoot th thead title tr ul"
  ).split(" "),
);

/** Elements that, inside a cell, show that the table is used for layout. */
const layout: ReadonlySet<string> = new Set(
  "h1 h2 h3 h4 h5 h6 ul ol dl table pre article section".split(" "),
);

/** Thrown if elements are nested too deeply to continue. */
class TooDeep extends Error {}

/** Reads the blocks of a page. */
export async function readHtml(page: string): Promise<Reading> {
  const parse = await openHtmlParser();
  const reader = new HtmlReader(page);
  try {
    parse(page, reader);
  } catch (error) {
    if (error instanceof TooDeep) return reader.finish("nesting");
    throw error;
  }
  return reader.finish();
}

class HtmlReader implements HtmlEvents {
  readonly outline = new Outline();
  readonly #lineAt: (index: number) => number;
  #depth = 0;
  /** Depth of the current dropped element, or 0. */
  #droppedFrom = 0;
  #items = 0;
  #preformatted = 0;
  #heading: string | null = null;
  #held: string[] = [];
  #start = 0;
  /** Cells of the current row; `null` outside of a row. */
  #cells: string[] | null = null;
  #rowStart = 0;
  #hasData = false;
  #header: readonly string[] = [];

  constructor(page: string) {
    this.#lineAt = lineCounter(page);
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth++;
    if (this.#depth > MAX_NESTING) throw new TooDeep();
    if (this.#droppedFrom > 0) return;
    if (dropped.has(name) || isHidden(attributes)) {
      this.#droppedFrom = this.#depth;
      return;
    }
    if (name === "img" && attributes["alt"]) this.#held.push(` ${attributes["alt"]} `);
    if (layout.has(name) && this.#cells !== null) this.#endRow();
    if (blocks.has(name)) this.#flush();
    if (name === "li" || name === "dd" || name === "dt") this.#items++;
    if (name === "pre") this.#preformatted++;
    if (/^h[1-6]$/.test(name) || name === "title") this.#heading = name;
    if (name === "table") this.#header = [];
    if (name === "tr") {
      this.#endRow();
      this.#cells = [];
      this.#hasData = false;
    }
    if (name === "td") this.#hasData = true;
  }

  text(text: string, at: number): void {
    if (this.#droppedFrom > 0) return;
    if (this.#held.length === 0) {
      if (text.trim() === "") return;
      this.#start = this.#lineAt(at);
      if (this.#cells?.length === 0) this.#rowStart = this.#start;
    }
    this.#held.push(text);
  }

  close(name: string): void {
    const isDropped = this.#droppedFrom > 0;
    if (this.#droppedFrom === this.#depth) this.#droppedFrom = 0;
    this.#depth--;
    if (isDropped) return;
    if ((name === "td" || name === "th") && this.#cells !== null) {
      this.#cells.push(oneLine(this.#held.join("")));
      this.#held = [];
    } else if (blocks.has(name)) this.#flush();
    if (name === "tr") this.#endRow();
    if (name === "li" || name === "dd" || name === "dt") this.#items--;
    if (name === "pre") this.#preformatted--;
  }

  /** The content of the page; `cut` if the rest was not read. */
  finish(cut?: "nesting"): Reading {
    this.#endRow();
    this.#flush();
    return this.outline.finish(cut === undefined ? [] : [cutNote(cut)]);
  }

  #flush(): void {
    if (this.#cells !== null) {
      if (this.#held.length > 0) this.#held.push(" "); // blocks inside a cell are separated by a space
      return;
    }
    const place = { unit: "line", number: this.#start } as const;
    const text = this.#held.join("");
    this.#held = [];
    const heading = this.#heading;
    this.#heading = null;
    if (heading !== null) this.outline.heading(heading === "title" ? 0 : Number(heading[1]), text, place);
    else if (this.#preformatted > 0) this.outline.block("code", text.replace(/^\n/, "").trimEnd(), place);
    else this.outline.block(this.#items > 0 ? "item" : "text", oneLine(text), place);
  }

  #endRow(): void {
    if (this.#cells === null) return;
    const last = oneLine(this.#held.join(""));
    const cells = last === "" ? this.#cells : [...this.#cells, last];
    this.#cells = null;
    this.#held = [];
    if (!this.#hasData && this.#header.length === 0) {
      this.#header = cells;
      if (cells.length !== 1) return;
    }
    const header = cells.length === this.#header.length && this.#hasData ? this.#header : [];
    this.outline.block("row", rowText(header, cells), { unit: "line", number: this.#rowStart });
  }
}

function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  const isNavigation = attributes["role"] === "navigation";
  return Object.hasOwn(attributes, "hidden") || attributes["aria-hidden"] === "true" || isNavigation;
}

/** Parser events in document order; `at` is an index into the text. */
interface HtmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string, at: number): void;
  close(name: string): void;
}

/** Parses a page. An error of a handler stops the parser and propagates. */
type ParseHtml = (page: string, events: HtmlEvents) => void;

/**
 * Loads the parser.
 *
 * @throws {TunewiseError} `DOCUMENT_READER_MISSING`
 */
async function openHtmlParser(): Promise<ParseHtml> {
  const load = () => import("htmlparser2");
  const loaded = await loadPackage("htmlparser2", "HTML", load, (...given) =>
    problem("DOCUMENT_READER_MISSING", ...given),
  );
  return (page, events) => {
    const parser: Parser = new loaded.Parser({
      onopentag: (name, attributes) => events.open(name, attributes),
      ontext: (text) => events.text(text, parser.startIndex),
      onclosetag: (name) => events.close(name),
    });
    parser.end(page);
  };
}
