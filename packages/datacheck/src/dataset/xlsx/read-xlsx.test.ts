/** @file Spreadsheets by two writers (`test/conformance/golden/dataset/make_spreadsheets.py`), damaged and crafted ones. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateRawSync } from "node:zlib";
import { directoryStart, findZipEnd, writeZip, zipEntries, zipMethods } from "@tunewise/core/format";
import { mulberry32, randomBelow } from "@tunewise/core/math";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readExamples } from "../read.ts";
import type { RawRow } from "../record.ts";
import { columnName, columnOf } from "./cell.ts";
import { chooseSheet, readXlsx } from "./read-xlsx.ts";

const golden = fileURLToPath(new URL("../../../../../test/conformance/golden/dataset/", import.meta.url));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-xlsx-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(path: string, wanted: readonly string[] = []): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const batch of readXlsx(path, "rows.xlsx", wanted)) rows.push(...batch);
  return rows;
}

test("shared strings, dates, numbers, truth values, and stored results of formulas", async () => {
  const path = join(golden, "shared.xlsx");
  expect(await chooseSheet(path, "x")).toEqual({ sheet: "Rows", otherSheets: ["Notes"] });
  const rows = await rowsOf(path);
  expect(rows).toHaveLength(10);
  expect(rows[0]).toEqual({
    at: { row: 1, line: 2 },
    fields: {
      question: "question 1 é😀 <&>",
      answer: "no",
      asked: "2024-03-01",
      at: "2024-03-01T09:30:00Z",
      share: 0.125,
      ok: false,
    },
  });
  expect(rows[8]).toMatchObject({
    at: { row: 9, line: 10 },
    fields: { question: "rich text", answer: "yes" },
  });
  expect(rows[9]).toMatchObject({
    at: { row: 10, line: 13 },
    fields: { question: "after two empty rows\nand a line break", asked: null },
  });
});

test("a formula without a result, and an error, are reported by their cell", async () => {
  const path = join(golden, "formulas.xlsx");
  const rows = await rowsOf(path);
  expect(rows).toEqual([
    {
      at: { row: 1, line: 2 },
      issue: { code: "DATA_CELL_INVALID", reason: "cell C2 holds a formula whose result was not saved" },
    },
    { at: { row: 2, line: 3 }, issue: { code: "DATA_CELL_INVALID", reason: "cell C3 holds the error #N/A" } },
    { at: { row: 3, line: 4 }, fields: { question: "three", column2: 3, answer: "fine" } },
  ]);
  const { examples, findings } = await readExamples(path, "formulas.xlsx", {
    format: "auto",
    columns: null,
    group: null,
    time: null,
    system: null,
    promptTemplate: "{prompt}",
    badRows: "skip",
  });
  expect(examples).toHaveLength(1);
  expect(findings.map(({ code, count }) => [code, count])).toEqual([
    ["DATA_FORMAT_DETECTED", 1],
    ["DATA_CELL_INVALID", 2],
  ]);
});

test("columns by position where the sheet has no header", async () => {
  const [first] = await rowsOf(join(golden, "shared.xlsx"), ["column1", "column2"]);
  expect(first).toMatchObject({
    at: { row: 1, line: 1 },
    fields: { column1: "question", column2: "answer" },
  });
});

test("a damaged file is an error, never fewer rows in silence", async () => {
  const bytes = await readFile(join(golden, "shared.xlsx"));
  const whole = await rowsOf(join(golden, "shared.xlsx"));
  const path = join(folder, "damaged.xlsx");
  const random = mulberry32(5);
  let refused = 0;
  for (let round = 0; round < 200; round++) {
    const changed = Buffer.from(bytes);
    for (let count = 0; count < 4; count++)
      changed[randomBelow(random, bytes.length)] = randomBelow(random, 256);
    await writeFile(path, round % 4 === 0 ? bytes.subarray(0, randomBelow(random, bytes.length)) : changed);
    await rowsOf(path).then(
      (rows) => expect(rows.length).toBeGreaterThan(0),
      (error: Error) => {
        refused++;
        expect(error.message).toContain("rows.xlsx cannot be read: ");
        expect(error.message).not.toMatch(/is not a function|of undefined|DataView|out of bounds/);
      },
    );
  }
  expect(refused).toBeGreaterThan(60);
  expect(whole).toHaveLength(10);
});

/** A ZIP archive with compressed parts. */
function zipOf(parts: Readonly<Record<string, string>>): Buffer {
  const packed = Object.entries(parts).map(([name, text]) => [name, deflateRawSync(text)] as const);
  const bytes = writeZip(new Map(packed));
  for (const { name, at, headerOffset } of zipEntries(bytes, directoryStart(bytes, findZipEnd(bytes)), 100)) {
    const text = Buffer.from(parts[name] ?? "");
    bytes.writeUInt16LE(zipMethods.deflated, headerOffset + 8);
    bytes.writeUInt16LE(zipMethods.deflated, at + 10);
    bytes.writeUInt32LE(crc32(text), at + 16);
    bytes.writeUInt32LE(text.length, at + 24);
  }
  return bytes;
}

/** Writes a spreadsheet with one sheet. */
async function sheetOf(xml: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const parts = {
    "xl/workbook.xml": '<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels":
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": `<worksheet><sheetData>${xml}</sheetData></worksheet>`,
    ...more,
  };
  const path = join(folder, "made.xlsx");
  await writeFile(path, zipOf(parts));
  return path;
}

test.each<[string, string, string]>([
  ["a column that no sheet has", '<row r="1"><c r="ZZZ1"><v>1</v></c></row>', "more than 4096 columns"],
  ["a missing shared string", '<row r="1"><c r="A1" t="s"><v>7</v></c></row>', ""],
  ["endless nesting", "<a>".repeat(300), "nested more than 200 deep"],
  ["an element that never ends", `<row ${"a".repeat(40 * 2 ** 20)}`, "characters without an element"],
])("%s", async (_, xml, reason) => {
  const path = await sheetOf(xml);
  if (reason === "") return expect(await rowsOf(path)).toEqual([]);
  await expect(rowsOf(path)).rejects.toThrow(reason);
});

test("shared strings that expand far beyond the file", async () => {
  const bomb = `<sst>${`<si><t>${" ".repeat(1000)}</t></si>`.repeat(70_000)}</sst>`;
  const path = await sheetOf('<row r="1"><c r="A1"><v>1</v></c></row>', { "xl/sharedStrings.xml": bomb });
  await expect(rowsOf(path)).rejects.toThrow("its strings have more than");
});

test("another ZIP file is not a spreadsheet", async () => {
  const path = join(folder, "other.zip");
  await writeFile(path, zipOf({ "a.txt": "a" }));
  await expect(chooseSheet(path, "other.zip")).rejects.toMatchObject({ code: "DATA_FILE_KIND" });
});

test.each([
  ["A1", 0],
  ["Z9", 25],
  ["AA1", 26],
  ["XFD1", 16_383],
])("%s is in column %i", (reference, column) => {
  expect(columnOf(reference)).toBe(column);
  expect(`${columnName(column)}`).toBe(reference.replace(/\d+/, ""));
});
