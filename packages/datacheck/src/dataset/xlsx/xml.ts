/**
 * @file Reads XML as a stream of events. The only importer of the parser, an optional package loaded on the first
 * spreadsheet.
 */

import { loadPackage } from "../../problem/index.ts";

/** Max. nesting; the parser looks through all open elements at each closing tag. */
const MAX_NESTING = 200;
/** Max. characters without an event, which the parser holds in memory. */
const MAX_HELD_UNITS = 32 * 2 ** 20;

/** Receives the elements of a document. Names have no namespace prefix. */
export interface XmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
}

/** Feeds a document to its receiver; call without text at the end. */
export type XmlWriter = (chunk?: string) => void;

/**
 * Loads the parser and returns a function that starts a document. Its writer throws an `Error` for a document that is
 * nested too deeply or never ends an element.
 *
 * @throws {TunewiseError} `PACKAGE_MISSING`
 */
export async function openXmlParser(): Promise<(events: XmlEvents) => XmlWriter> {
  const load = () => import("htmlparser2");
  const { Parser } = await loadPackage("htmlparser2", "A spreadsheet", load);
  return (events) => {
    let [depth, held] = [0, 0];
    const local = (name: string): string => name.slice(name.indexOf(":") + 1);
    const parser = new Parser(
      {
        onopentag(name, attributes): void {
          held = 0;
          if (++depth > MAX_NESTING) throw new Error(`its elements are nested more than ${MAX_NESTING} deep`);
          events.open(local(name), attributes);
        },
        ontext(text): void {
          held = 0;
          events.text(text);
        },
        onclosetag(name): void {
          held = 0;
          depth--;
          events.close(local(name));
        },
      },
      { xmlMode: true, decodeEntities: true },
    );
    return (chunk) => {
      if (chunk === undefined) return parser.end();
      held += chunk.length;
      if (held > MAX_HELD_UNITS) throw new Error(`${held} characters without an element`);
      parser.write(chunk);
    };
  };
}
