/** @file The subset of XML used by S3 responses: elements without attributes, found by name. */

/** The raw content of every element with a name. */
export function elementsOf(xml: string, name: string): string[] {
  const [open, close] = [`<${name}>`, `</${name}>`];
  const found: string[] = [];
  for (let at = 0; ; ) {
    const from = xml.indexOf(open, at);
    const to = from < 0 ? -1 : xml.indexOf(close, from);
    if (to < 0) return found;
    found.push(xml.slice(from + open.length, to));
    at = to + close.length;
  }
}

/** The text of the first element with a name; `null` if there is none. */
export function textOf(xml: string, name: string): string | null {
  const [first] = elementsOf(xml, name);
  return first === undefined ? null : unescaped(first);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(#x?)?([0-9a-zA-Z]{1,8});/g, (whole, mark: string | undefined, word: string) => {
    if (mark === undefined) return entities[word] ?? whole;
    const point = Number.parseInt(word, mark === "#x" ? 16 : 10);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

/** Escapes text for use between tags. */
export function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: file names of other programs may contain any character
  return text.replace(/[\u0000-\u001f&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
