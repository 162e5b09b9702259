/**
 * @file The only door to the HTML parser, an optional package that is loaded when a page is read.
 */
import type { Parser } from "htmlparser2";

/** What a page consists of, in its order; `at` is an index into its text. */
export interface HtmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string, at: number): void;
  close(name: string): void;
}

/** Runs through a page. An error of a handler ends it and comes out. */
export type ParseHtml = (page: string, events: HtmlEvents) => void;

/** The parser, or `null` where the package is not installed. */
export async function openHtmlParser(): Promise<ParseHtml | null> {
  const loaded = await import("htmlparser2").catch(() => null);
  if (loaded === null) return null;
  return (page, events) => {
    const parser: Parser = new loaded.Parser({
      onopentag: (name, attributes) => events.open(name, attributes),
      ontext: (text) => events.text(text, parser.startIndex),
      onclosetag: (name) => events.close(name),
    });
    parser.end(page);
  };
}
