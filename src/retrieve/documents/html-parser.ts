/** @file The only importer of the HTML parser, an optional package loaded on the first page. */
import type { Parser } from "htmlparser2";
import { loadPackage } from "../../problem/index.ts";

/** Parser events in document order; `at` is an index into the text. */
export interface HtmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string, at: number): void;
  close(name: string): void;
}

/** Parses a page. An error of a handler stops the parser and propagates. */
export type ParseHtml = (page: string, events: HtmlEvents) => void;

/**
 * Loads the parser.
 *
 * @throws {TunewiseError} `DOCUMENT_READER_MISSING`
 */
export async function openHtmlParser(): Promise<ParseHtml> {
  const load = () => import("htmlparser2");
  const loaded = await loadPackage("htmlparser2", "HTML", load, "DOCUMENT_READER_MISSING");
  return (page, events) => {
    const parser: Parser = new loaded.Parser({
      onopentag: (name, attributes) => events.open(name, attributes),
      ontext: (text) => events.text(text, parser.startIndex),
      onclosetag: (name) => events.close(name),
    });
    parser.end(page);
  };
}
