/** @file Tables per RFC 4180: fields, row ends across chunks, round trips. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { likelySeparator, readTable, splitTableRow, tableRowEnds } from "./csv.ts";
import type { RawRow } from "./record.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-csv-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(text: string | Uint8Array, separator = ","): Promise<RawRow[]> {
  const path = join(folder, "t.csv");
  await writeFile(path, text);
  const rows: RawRow[] = [];
  for await (const batch of readTable(path, "t.csv", { separator })) rows.push(...batch);
  return rows;
}

const values = (row: RawRow | undefined): unknown[] | string =>
  row === undefined ? "no row" : "fields" in row ? Object.values(row.fields) : row.issue.reason;

describe("splitTableRow", () => {
  test.each([
    ["", [""]],
    ["a,b", ["a", "b"]],
    ["a,,", ["a", "", ""]],
    ['"a,b",c', ["a,b", "c"]],
    ['"a""b"', ['a"b']],
    ['""', [""]],
    ['"",""', ["", ""]],
    ['5" disk,ok', ['5" disk', "ok"]],
    [' "a"', [' "a"']],
    ['"line\nbreak",x', ["line\nbreak", "x"]],
    ['"open', "has a quoted field that never ends"],
    ['"a"b,c', "has text behind a closing quote"],
  ])("%j", (text, cells) => {
    expect(splitTableRow(text, ",")).toEqual(cells);
  });
});

test.each([
  ["a,b;c", ","],
  ["a;b;c", ";"],
  ["a\tb", "\t"],
  ['"a;b;c",d', ","],
  ["single", ","],
])("likely separator of %j", (header, separator) => {
  expect(likelySeparator(header)).toBe(separator);
});

describe("readTable", () => {
  test.each([
    [
      "plain",
      "a,b\n1,2\n3,4\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["no line end at the end", "a,b\n1,2", [["1", "2"]]],
    ["carriage returns", "a,b\r\n1,2\r\n", [["1", "2"]]],
    ["byte order mark", "\ufeffa,b\n1,2\n", [["1", "2"]]],
    ["byte order mark and quotes", '\ufeff"a","b"\n1,2\n', [["1", "2"]]],
    ["line break in a field", 'a,b\n"x\ny",2\n', [["x\ny", "2"]]],
    ["blank lines", "a,b\n\n1,2\n\n", [["1", "2"]]],
    ["quote inside", 'a,b\nan 5" disk,2\n', [['an 5" disk', "2"]]],
    ["too few fields", "a,b\n1\n3,4\n", ["has 1 fields where the header has 2", ["3", "4"]]],
    ["unclosed quote", 'a,b\n1,2\n"x,3\n', [["1", "2"], "has a quoted field that never ends"]],
  ])("%s", async (_, text, expected) => {
    expect((await rowsOf(text)).map(values)).toEqual(expected);
  });

  test("a row that is not UTF-8 is one issue", async () => {
    const rows = await rowsOf(
      Buffer.concat([Buffer.from("a\nok\n"), Buffer.from([0xff, 0xfe]), Buffer.from("\nok\n")]),
    );
    expect(rows.map(values)).toEqual([["ok"], "contains bytes that are not UTF-8", ["ok"]]);
    expect(rows.map(({ at }) => at.row)).toEqual([1, 2, 3]);
  });

  test.each([
    ["a,a\n1,2\n", /names a column twice/],
    ['"a\n1,2\n', /never ends/],
  ])("a bad header is an error: %j", async (text, reason) => {
    await expect(rowsOf(text)).rejects.toThrow(reason);
  });

  test("columns named like object members are plain fields", async () => {
    const [row] = await rowsOf("__proto__,constructor\nx,y\n");
    expect(row).toBeDefined();
    expect(values(row)).toEqual(["x", "y"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

const cell = fc.string({
  unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "é", "😀", ";", "\t"),
  maxLength: 6,
});

test("what a writer quotes comes back, wherever the chunks end", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), fc.nat(5), (rows, cut) => {
      const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
      const bytes = Buffer.from(`${quoted.join("\n")}\n`, "utf8");
      const ends = tableRowEnds(",");
      const texts: string[] = [];
      let held = Buffer.alloc(0);
      for (let from = 0; from < bytes.length; from += cut + 1) {
        const chunk = bytes.subarray(from, from + cut + 1);
        let at = 0;
        for (let end = ends.next(chunk, 0); end >= 0; end = ends.next(chunk, at)) {
          texts.push(Buffer.concat([held, chunk.subarray(at, end)]).toString("utf8"));
          held = Buffer.alloc(0);
          at = end + 1;
          if (at >= chunk.length) break;
        }
        held = Buffer.concat([held, chunk.subarray(at)]);
      }
      expect(texts.map((text) => splitTableRow(text, ","))).toEqual(rows);
    }),
  );
});
