/** @file Errors and findings as text: what happened, where, and a fix. */
import { type Finding, type Place, placeText, type Severity, TunewiseError } from "../../problem/index.ts";
import type { Paint } from "./paint.ts";
import { usualColumns, wrap } from "./table.ts";
import { plain } from "./terminal.ts";

/** Maximum width of a sentence on any terminal, since longer lines are hard to read. */
const widest = 98;

/** Width of a sentence in a terminal. */
export function sentenceColumns(columns: number): number {
  return Math.max(20, Math.min(widest, columns - 2));
}
/** Maximum places of a finding that are shown; the rest are counted. */
const PLACES_SHOWN = 3;

/** A finding as lines of text. Only the word `error` is red. */
export function findingText(finding: Finding, paint: Paint, columns: number = usualColumns): string {
  const { code, severity, detail, where, count, fix } = finding;
  const lines = headLines(severityWord(severity, paint), code, detail, { paint, columns });
  for (const place of where.slice(0, PLACES_SHOWN)) {
    lines.push(`  ${paint.cyan(placeName(place))}`);
    lines.push(...caretLines(place, paint).map((line) => `    ${line}`));
  }
  const hidden = Math.max(count, where.length) - Math.min(where.length, PLACES_SHOWN);
  if (where.length > 0 && hidden > 0) lines.push(`  and ${hidden} more`);
  lines.push(...fixLines(fix, columns));
  return lines.join("\n");
}

/** All findings, errors first, with a closing count; empty text for none. */
export function findingsText(
  findings: readonly Finding[],
  paint: Paint,
  columns: number = usualColumns,
): string {
  if (findings.length === 0) return "";
  const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
  const ordered = [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
  const blocks = ordered.map((finding) => findingText(finding, paint, columns));
  return [...blocks, countText(findings)].join("\n\n");
}

function countText(findings: readonly Finding[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  return counts.join(", ");
}

/**
 * Formats anything thrown: an error of the catalog with its findings, place and fix; anything else as a bug of
 * tunewise, with instructions for reporting it.
 */
export function errorText(
  error: unknown,
  paint: Paint,
  about: { command: string; version: string },
  columns: number = usualColumns,
): string {
  if (!TunewiseError.is(error)) return internalText(error, paint, about);
  const carried = isFindings(error.cause) ? `${findingsText(error.cause, paint, columns)}\n\n` : "";
  const lines = headLines(paint.red("error"), error.code, error.message, { paint, columns });
  if (error.where) {
    lines.push(`  ${paint.cyan(placeName(error.where))}`);
    lines.push(...caretLines(error.where, paint).map((line) => `    ${line}`));
  }
  if (error.cause instanceof Error) lines.push(`  cause: ${plain(error.cause.message).slice(0, 500)}`);
  lines.push(...fixLines(error.fix, columns));
  return carried + lines.join("\n");
}

/** Converts anything thrown to data, for `--json`. */
export function errorDocument(error: unknown): Record<string, unknown> {
  if (!TunewiseError.is(error)) {
    return {
      code: "INTERNAL",
      title: "A bug of tunewise",
      message: messageOf(error),
      fix: null,
      where: null,
    };
  }
  const findings = isFindings(error.cause) ? { findings: error.cause.map(findingDocument) } : {};
  const { code, kind, message, fix, where } = error;
  return { code, title: kind.title, message, fix, where: where ?? null, ...findings };
}

/** A finding as data, for `--json`. */
export function findingDocument(finding: Finding): Record<string, unknown> {
  return { ...finding };
}

/** Wrapped sentence on what happened. */
function headLines(
  word: string,
  code: string,
  detail: string,
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string[] {
  const [first = "", ...rest] = wrap(
    `${word} ${paint.bold(code)}: ${plain(detail)}`,
    sentenceColumns(columns),
  );
  return [first, ...rest.map((line) => `  ${line}`)];
}

/** A fix as lines, or as a block of a recipe. Commands are never wrapped, so that they can be pasted. */
export function fixLines(fix: string, columns: number): string[] {
  const lines = fix.split("\n").map(plain);
  if (lines.length > 1) return ["  fix:", ...lines.map((line) => `    ${line}`)];
  const text = `fix: ${lines[0]}`;
  if (/^fix: (?:tunewise|npm|node) /.test(text)) return [`  ${text}`];
  // a command within the sentence is not wrapped
  const whole = text.replace(
    /: tunewise [^;,]{1,200}$/,
    (tail) => `: ${tail.slice(2).replaceAll(" ", "\u00a0")}`,
  );
  return wrap(whole, Math.max(20, columns - 4)).map((line, at) => {
    const shown = line.replaceAll("\u00a0", " ");
    return at === 0 ? `  ${shown}` : `    ${shown}`;
  });
}

function internalText(error: unknown, paint: Paint, about: { command: string; version: string }): string {
  const message = plain(messageOf(error)).replace(/^Internal: /, "");
  return [
    `${paint.red("error")} Internal: ${message}`,
    `  This is a bug of tunewise ${about.version} in \`tunewise ${about.command}\`.`,
    "  fix: report it with what the same command prints with --debug",
  ].join("\n");
}

/** The name of a severity in its color. */
export function severityWord(severity: Severity, paint: Paint): string {
  if (severity === "error") return paint.red("error");
  return severity === "warning" ? paint.yellow("warning") : paint.cyan("note");
}

function isFindings(cause: unknown): cause is readonly Finding[] {
  return (
    Array.isArray(cause) && cause.every((item) => typeof item?.code === "string" && Array.isArray(item.where))
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Maximum characters of a line that are shown, always including the caret's position. */
const WINDOW = 100;

/** `tunewise.yaml:14:7`, with the parts that are known. */
export function placeName(place: Place): string {
  return plain(placeText(place));
}

/** The line with its number and the caret below; nothing if the place has no text. */
export function caretLines({ line, column, text }: Place, paint: Paint): string[] {
  if (line === undefined || text === undefined || text.trim() === "") return [];
  const characters = [...plain(text)];
  const at = column === undefined ? undefined : [...text.slice(0, column - 1)].length;
  const start = at === undefined || at < WINDOW - 20 ? 0 : at - WINDOW / 2;
  const shown = characters.slice(start, start + WINDOW).join("");
  const lead = start > 0 ? "…" : "";
  const trail = characters.length > start + WINDOW ? "…" : "";
  const number = String(line);
  const first = `${paint.dim(`${number} |`)} ${lead}${shown}${trail}`;
  if (at === undefined) return [first];
  const indent = " ".repeat(lead.length + at - start);
  return [first, `${paint.dim(`${" ".repeat(number.length)} |`)} ${indent}^`];
}
