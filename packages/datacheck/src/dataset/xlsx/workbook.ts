/**
 * @file Reads what a spreadsheet's cells refer to: the list of sheets, shared strings, and formats of dates.
 *
 * @source ECMA-376 part 1, sections 18.2 (workbook), 18.4 (shared strings), 18.8 (styles)
 */

import { MIN_EXPANDED_UNITS } from "../limits.ts";
import type { Archive } from "./archive.ts";
import { plainText } from "./cell.ts";
import type { XmlEvents, XmlWriter } from "./xml.ts";

/** A sheet: its name, and the part with its cells. */
export interface Sheet {
  readonly name: string;
  readonly part: string;
}

/** The visible sheets in order, and how dates are counted. */
export interface Workbook {
  readonly sheets: readonly Sheet[];
  /** Whether dates count from 1904 instead of 1900. */
  readonly isFrom1904: boolean;
}

const workbookPart = "xl/workbook.xml";
const relationsPart = "xl/_rels/workbook.xml.rels";
const stringsPart = "xl/sharedStrings.xml";
const stylesPart = "xl/styles.xml";

/** Whether an archive is a spreadsheet. */
export function isWorkbook(archive: Archive): boolean {
  return archive.has(workbookPart);
}

/** Starts a document, see `openXmlParser`. */
export type StartXml = (events: XmlEvents) => XmlWriter;

/** Reads a whole part. */
async function readPart(
  archive: Archive,
  name: string,
  start: StartXml,
  events: Partial<XmlEvents>,
): Promise<void> {
  const nothing = (): void => undefined;
  const write = start({ open: nothing, text: nothing, close: nothing, ...events });
  for await (const chunk of archive.read(name)) write(chunk);
  write();
}

/** Max. sheets. */
const MAX_SHEETS = 10_000;

/**
 * Reads the list of sheets.
 *
 * @throws {Error} for a damaged part
 */
export async function readWorkbook(archive: Archive, start: StartXml): Promise<Workbook> {
  const named: { readonly name: string; readonly id: string }[] = [];
  let isFrom1904 = false;
  await readPart(archive, workbookPart, start, {
    open(name, attributes): void {
      if (name === "workbookPr") isFrom1904 = /^(?:1|true)$/.test(attributes["date1904"] ?? "");
      if (name !== "sheet" || (attributes["state"] ?? "visible") !== "visible") return;
      if (named.length >= MAX_SHEETS) throw new Error(`it has more than ${MAX_SHEETS} sheets`);
      const id = Object.entries(attributes).find(([key]) => key.endsWith(":id"))?.[1] ?? "";
      named.push({ name: attributes["name"] ?? "", id });
    },
  });
  const targets = new Map<string, string>();
  await readPart(archive, relationsPart, start, {
    open(name, { Id: id, Target: target }): void {
      if (name === "Relationship" && id !== undefined && target !== undefined)
        targets.set(id, partOf(target));
    },
  });
  const sheets = named.flatMap(({ name, id }) => {
    const part = targets.get(id);
    return part !== undefined && archive.has(part) ? [{ name, part }] : [];
  });
  return { sheets, isFrom1904 };
}

/** Targets are relative to the workbook's folder, or absolute. */
function partOf(target: string): string {
  return target.startsWith("/") ? target.slice(1) : `xl/${target.replace(/^\.\//, "")}`;
}

/** Max. characters of all shared strings, which stay in memory, and per byte of the file: equal strings are stored once. */
const MAX_STRING_UNITS = 2 ** 28;
const MAX_STRING_EXPANSION = 200;

/**
 * Reads the strings that cells share by number. Phonetic readings are left out.
 *
 * @param fileBytes size of the file, which limits the characters of all strings
 * @throws {Error} for a damaged part
 */
export async function readSharedStrings(
  archive: Archive,
  start: StartXml,
  fileBytes: number,
): Promise<string[]> {
  const strings: string[] = [];
  if (!archive.has(stringsPart)) return strings;
  const maxUnits = Math.min(MAX_STRING_UNITS, Math.max(MIN_EXPANDED_UNITS, MAX_STRING_EXPANSION * fileBytes));
  let units = 0;
  let parts: string[] = [];
  let [isText, phonetic] = [false, 0];
  await readPart(archive, stringsPart, start, {
    open(name): void {
      if (name === "si") parts = [];
      if (name === "rPh") phonetic++;
      isText = name === "t" && phonetic === 0;
    },
    text(text): void {
      if (!isText) return;
      units += text.length;
      parts.push(text);
    },
    close(name): void {
      isText = false;
      if (name === "rPh") phonetic--;
      if (name !== "si") return;
      strings.push(plainText(parts.join("")));
      // an empty string takes memory, too
      units += 8;
      if (units > maxUnits) throw new Error(`its strings have more than ${maxUnits} characters`);
    },
  });
  return strings;
}

/** Numbers of the built-in formats of dates and times. @source ECMA-376 part 1, section 18.8.30 */
const dateFormats: readonly (readonly [from: number, to: number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/** Whether each cell style shows its number as a date. */
export async function readDateStyles(archive: Archive, start: StartXml): Promise<boolean[]> {
  const styles: boolean[] = [];
  if (!archive.has(stylesPart)) return styles;
  const custom = new Set<number>();
  let isCells = false;
  await readPart(archive, stylesPart, start, {
    open(name, attributes): void {
      const id = Number(attributes["numFmtId"] ?? 0);
      if (name === "cellXfs") isCells = true;
      if (name === "numFmt" && isDateCode(attributes["formatCode"] ?? "")) custom.add(id);
      if (name !== "xf" || !isCells) return;
      styles.push(custom.has(id) || dateFormats.some(([from, to]) => id >= from && id <= to));
    },
    close(name): void {
      if (name === "cellXfs") isCells = false;
    },
  });
  return styles;
}

/** Whether a format code contains a part of a date, outside of quoted text, escapes, and colors in brackets. */
function isDateCode(code: string): boolean {
  const bare = code.slice(0, 256).replaceAll(/"[^"]*"|\\.|_.|\[[^\]]*\]/g, "");
  return /[ymdhs]/i.test(bare);
}
