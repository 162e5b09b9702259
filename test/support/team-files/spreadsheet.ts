/** @file Writes texts as a spreadsheet of one sheet, with inline strings. */
import { writeZip } from "@tunewise/core/format";

const schemas = "http://schemas.openxmlformats.org";
const office = `${schemas}/officeDocument/2006/relationships`;
const types = "application/vnd.openxmlformats-officedocument.spreadsheetml";

function relationship(type: string, target: string): string {
  const inner = `<Relationship Id="rId1" Type="${office}/${type}" Target="${target}"/>`;
  return `<Relationships xmlns="${schemas}/package/2006/relationships">${inner}</Relationships>`;
}

function contentTypes(): string {
  const part = (name: string, type: string): string =>
    `<Override PartName="/xl/${name}.xml" ContentType="${types}.${type}+xml"/>`;
  const relationships = "application/vnd.openxmlformats-package.relationships+xml";
  return [
    `<Types xmlns="${schemas}/package/2006/content-types">`,
    `<Default Extension="rels" ContentType="${relationships}"/>`,
    part("workbook", "sheet.main"),
    part("worksheets/sheet1", "worksheet"),
    "</Types>",
  ].join("");
}

function cell(text: string, row: number, column: number): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const place = `${String.fromCharCode(65 + column)}${row + 1}`;
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped}</t></is></c>`;
}

/** A spreadsheet of these rows, at most 26 cells each. */
export function spreadsheetOf(rows: readonly (readonly string[])[]): Uint8Array {
  const main = `${schemas}/spreadsheetml/2006/main`;
  const sheetRows = rows.map((texts, row) => {
    const cells = texts.map((text, column) => cell(text, row, column));
    return `<row r="${row + 1}">${cells.join("")}</row>`;
  });
  const sheets = '<sheets><sheet name="Cases" sheetId="1" r:id="rId1"/></sheets>';
  const files: Readonly<Record<string, string>> = {
    "[Content_Types].xml": contentTypes(),
    "_rels/.rels": relationship("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}">${sheets}</workbook>`,
    "xl/_rels/workbook.xml.rels": relationship("worksheet", "worksheets/sheet1.xml"),
    "xl/worksheets/sheet1.xml": `<worksheet xmlns="${main}"><sheetData>${sheetRows.join("")}</sheetData></worksheet>`,
  };
  return writeZip(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
}
