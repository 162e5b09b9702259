import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { lockedPdf, pdfBytes } from "../../../../../test/support/pdf-bytes.ts";
import { readDocument } from "./read-document.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One line per block, such as `Heading / Subheading | item 7: text`. */
async function outline(name: string, content: string | Uint8Array): Promise<string[]> {
  const { document } = await readDocument(name, typeof content === "string" ? utf8(content) : content);
  return (document?.sections ?? []).flatMap(({ headings, blocks }) => {
    const path = headings.join(" / ");
    if (blocks.length === 0) return [`${path} |`];
    return blocks.map(
      ({ kind, place, text }) => `${path} | ${kind} ${place.number}: ${text.replaceAll("\n", "~")}`,
    );
  });
}

async function codes(name: string, bytes: Uint8Array): Promise<string[]> {
  const { document, findings } = await readDocument(name, bytes);
  for (const { detail, fix, title } of findings) expect(`${title} ${detail} ${fix}`).not.toMatch(/\{\w+\}/);
  return [document === null ? "nothing" : "read", ...findings.map(({ code }) => code)];
}

describe("Markdown", () => {
  test("gives headings, paragraphs, items, rows and code with their lines", async () => {
    const text = [
      ...[
        "---",
        "title: 'Manual'",
        "---",
        "Some *plain* text with a [link](http://a.b/c).",
        "Second line.",
        "",
      ],
      ...["# Set-up ##", "- first item", "  goes on", "2. second `item`", "", "| Part | Size |", "|---|:-:|"],
      ...["| arm | 2 |", "| a \\| b | |", "Use", "===", "```sh", "# no heading", "", "run_it --now", "```"],
      ...["<!-- hidden", "# gone", "-->", "> quoted", "> more", "## Empty", "* * *", "### Deep", "**end**"],
    ];
    expect(await outline("a.md", text.join("\n"))).toEqual([
      "Manual | text 4: Some plain text with a link.~Second line.",
      "Manual / Set-up | item 8: first item~goes on",
      "Manual / Set-up | item 10: second item",
      "Manual / Set-up | row 14: Part: arm; Size: 2",
      "Manual / Set-up | row 15: Part: a | b",
      "Manual / Use | code 18: # no heading~~run_it --now",
      "Manual / Use | text 26: quoted~more",
      "Manual / Use / Empty |",
      "Manual / Use / Empty / Deep | text 31: end",
    ]);
  });

  test("keeps names and marks that are no markup", async () => {
    const text = "set max_length to 2 * 3, [a] and \\*this\\*\r\n\r\n~~~\nopen to the end";
    expect(await outline("a.md", text)).toEqual([
      " | text 1: set max_length to 2 * 3, [a] and *this*",
      " | code 3: open to the end",
    ]);
  });
});

describe("HTML", () => {
  test("gives what a reader of the page sees", async () => {
    const page = [
      "<!doctype html><html><head><title>Guide &amp; more</title><style>p{}</style></head><body>",
      "<nav><a href=x>Menu</a></nav><script>alert('<p>')</script><h1>Start</h1>",
      "<p>One <b>bold</b>\n word<p>Two<br>three",
      "<ul><li>first<li>second <i>part</i></ul>",
      "<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ada</td><td>36</td></tr></table>",
      "<pre>\n a\n  b\n</pre><div hidden>no</div><div role=navigation>no</div>",
      "<table><tr><td><h2>Layout</h2><p>in a cell</td></tr></table>last <img alt='A picture'>",
    ];
    expect(await outline("a.html", page.join("\n"))).toEqual([
      "Guide & more |",
      "Guide & more / Start | text 3: One bold word",
      "Guide & more / Start | text 4: Two",
      "Guide & more / Start | text 4: three",
      "Guide & more / Start | item 5: first",
      "Guide & more / Start | item 5: second part",
      "Guide & more / Start | row 6: Name: Ada; Age: 36",
      "Guide & more / Start | code 7:  a~  b",
      "Guide & more / Start / Layout | text 11: in a cell",
      "Guide & more / Start / Layout | text 11: last A picture",
    ]);
  });

  test("is told by its beginning where the name says nothing, and may name its encoding", async () => {
    expect(await outline("page", "<html><body>text")).toEqual([" | text 1: text"]);
    const latin = Buffer.from('<meta charset="windows-1252"><p>Größe', "latin1");
    expect(await outline("a.htm", latin)).toEqual([" | text 1: Größe"]);
  });
});

describe("PDF", () => {
  test("gives pages, paragraphs and headings by size, without running lines", async () => {
    const page = (number: number, body: string[]) =>
      [
        ["Company manual", 8, 780],
        ...(number === 1 ? [["Chapter (one)", 20, 740] as const] : []),
        ...body.map((text, at) => [text, 10, 700 - 12 * at] as const),
        [`Closing words ${"abcd"[number]}.`, 10, 600],
        [`Page ${number}`, 8, 20],
      ] as (readonly [string, number, number])[];
    const pages = [1, 2, 3, 4].map((number) =>
      page(number, [`Text of ${number} is a long sen-`, "tence over lines."]),
    );
    expect(await outline("a.pdf", pdfBytes(pages))).toEqual(
      [1, 2, 3, 4].flatMap((number) => [
        `Chapter (one) | text ${number}: Text of ${number} is a long sentence over lines.`,
        `Chapter (one) | text ${number}: Closing words ${"abcd"[number]}.`,
      ]),
    );
  });

  test.each([
    ["without text", pdfBytes([[], []]), "DOCUMENT_SCANNED"],
    ["with a password", lockedPdf(), "DOCUMENT_LOCKED"],
    ["that is none", utf8("%PDF-1.7\nnothing of it"), "DOCUMENT_UNREADABLE"],
    ["by name alone", utf8("plain"), "DOCUMENT_UNREADABLE"],
  ])("%s is a finding", async (_, bytes, code) => {
    expect(await codes("a.pdf", bytes)).toEqual(["nothing", code]);
  });

  test("cut off anywhere gives a document or a finding", async () => {
    const whole = pdfBytes([[["Some text", 12, 700]], [["More text", 12, 700]]]);
    for (let length = 0; length < whole.length; length += 97) {
      const [read, ...found] = await codes("a.pdf", whole.slice(0, length));
      expect(read === "read" || found.length === 1).toBe(true);
    }
    expect(whole.length).toBeGreaterThan(0); // the caller's buffer was not transferred
  });
});

describe("rows", () => {
  test("of CSV are records; a title names one, and broken rows are counted", async () => {
    const text =
      'title,body\r\nHello,"a, b\nc"\r\nshort\r\n,x,beyond\r\n-,-\r\n5" disk,y\r\n"open,z\r\nnext,w\r\n';
    expect(await outline("a.csv", text)).toEqual([
      "Hello | record 1: body: a, b~c",
      "short | record 2: short",
      " | record 3: body: x~beyond",
      '5" disk | record 5: body: y',
      "next | record 7: body: w",
    ]);
    const { findings } = await readDocument("a.csv", utf8(text));
    expect(findings.map(({ code, count, where }) => [code, count, where[0]?.line])).toEqual([
      ["DOCUMENT_ROWS_UNUSABLE", 1, 6],
    ]);
  });

  test("of TSV and JSON", async () => {
    expect(await outline("a.tsv", "q\ta\n1\t2")).toEqual([" | record 1: q: 1~a: 2"]);
    expect(await outline("a.json", '{"v":1,"data":[{"q":"x","a":{"b":["1",2,null]}},{"name":"N"}]}')).toEqual(
      [" | record 1: q: x~a.b: 1~a.b: 2", "N | record 2: N"],
    );
    expect(await outline("a.json", '{"only": "one"}')).toEqual([" | record 1: only: one"]);
    expect(await outline("a", '{"a":1}\n\n[2]\n')).toEqual([" | record 1: a: 1", " | record 3: 2"]);
  });

  test("of JSON lines that do not parse are counted", async () => {
    expect(await codes("a.jsonl", utf8('{"a":1}\n{"a":\n'))).toEqual(["read", "DOCUMENT_ROWS_UNUSABLE"]);
    expect(await codes("a.jsonl", utf8("no\njson"))).toEqual(["nothing", "DOCUMENT_UNREADABLE"]);
    expect(await codes("a.csv", utf8('"never closed'))).toEqual(["nothing", "DOCUMENT_UNREADABLE"]);
  });
});

describe("plain text", () => {
  test("gives paragraphs, whatever ends its lines", async () => {
    expect(await outline("a.txt", "one\r\ntwo\r\n \r\n\r\nthree")).toEqual([
      " | text 1: one~two",
      " | text 5: three",
    ]);
    expect(await outline("noname", "\ufeffone")).toEqual([" | text 1: one"]);
    const wide = Buffer.from("\ufeffone", "utf16le");
    expect(await outline("a.txt", wide)).toEqual([" | text 1: one"]);
    expect(await outline("a.txt", wide.swap16())).toEqual([" | text 1: one"]);
  });
});

describe("documents that cannot be used", () => {
  test.each([
    ["a.txt", new Uint8Array(0), "DOCUMENT_EMPTY"],
    ["a.md", utf8(" \n\n<!-- only -->"), "DOCUMENT_EMPTY"],
    ["a.html", utf8("<script>1</script>"), "DOCUMENT_EMPTY"],
    ["a.txt", Uint8Array.of(72, 228, 85), "DOCUMENT_ENCODING_UNKNOWN"],
    ["a.html", Uint8Array.of(60, 112, 62, 228), "DOCUMENT_ENCODING_UNKNOWN"],
    ["a.docx", Uint8Array.of(80, 75, 3, 4, 0, 0), "DOCUMENT_KIND_UNKNOWN"],
    ["a.md", Uint8Array.of(0, 1, 2), "DOCUMENT_KIND_UNKNOWN"],
  ])("%s", async (name, bytes, code) => {
    expect(await codes(name, bytes)).toEqual(["nothing", code]);
  });

  test.each([
    ["htmlparser2", "a.html", utf8("<p>text")],
    ["unpdf", "a.pdf", pdfBytes([[["text", 12, 700]]])],
  ])("without %s say what to install", async (name, file, bytes) => {
    vi.doMock(name, () => {
      throw new Error("not installed");
    });
    const { findings } = await readDocument(file, bytes);
    vi.doUnmock(name);
    expect(findings.map(({ code, fix }) => [code, fix])).toEqual([
      ["DOCUMENT_READER_MISSING", `npm install ${name}`],
    ]);
    expect((await codes(file, bytes))[0]).toBe("read");
  });

  test("one beyond the limit is not looked at", async () => {
    expect(await codes("a.txt", new Uint8Array(128 * 2 ** 20 + 1).fill(32))).toEqual([
      "nothing",
      "DOCUMENT_TOO_LARGE",
    ]);
  });

  test("deep nesting ends in time", async () => {
    const deep = 200_000;
    const page = `<p>before</p>${"<div>".repeat(deep)}inside${"</b>".repeat(deep)}`;
    expect(await codes("a.html", utf8(page))).toEqual(["read", "DOCUMENT_CUT"]);
    expect(await codes("a.json", utf8("[".repeat(deep) + "]".repeat(deep)))).toEqual([
      "nothing",
      "DOCUMENT_UNREADABLE",
    ]);
    const marks = ["> ", "[", "*", "- ", "`", "| ", "<a ", "!["]
      .map((mark) => mark.repeat(deep))
      .join("\n\n");
    expect((await codes("a.md", utf8(marks)))[0]).toBe("read");
  });

  test("any bytes under any name give a document or a finding", async () => {
    const names = fc.constantFrom("a.md", "a.txt", "a.html", "a.csv", "a.tsv", "a.json", "a.jsonl", "a");
    const words = fc.constantFrom(
      "<p>",
      "</p>",
      "<td>",
      "<tr>",
      "<!--",
      "-->",
      "|",
      "---",
      "\n",
      '"',
      "{",
      "[",
      "#",
      "`",
    );
    const texts = fc.array(fc.oneof(words, fc.string())).map((parts) => utf8(parts.join("")));
    await fc.assert(
      fc.asyncProperty(names, fc.oneof(texts, fc.uint8Array({ maxLength: 400 })), async (name, bytes) => {
        const [read, ...found] = await codes(name, bytes);
        expect(read === "read" || found.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
