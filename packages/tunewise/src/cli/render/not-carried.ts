/** @file Data that an import or an export omits, as a table. */
import type { ExportReport } from "@tunewise/tracker";
import { tableText } from "./table.ts";
import { plain } from "./terminal.ts";

/** Kinds with their counts and first names. */
export function notCarriedTable(notCarried: ExportReport["notCarried"]): string {
  const rows = notCarried.map(({ kind, count, names }) => {
    const more = count > names.length && names.length > 0 ? ", ..." : "";
    return [plain(kind), String(count), plain(names.join(", ")) + more];
  });
  return tableText(["not carried", "#count", "such as"], rows);
}
