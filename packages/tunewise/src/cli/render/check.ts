/** @file Result of a check as text: rows, findings, evidence of one finding, and cleaned copies. */

import { countOf, countText } from "@tunewise/core/quantity";
import { leakageText } from "@tunewise/datacheck";
import type { CleanedData } from "../../app/check/index.ts";
import { type Finding, type Place, placeText, type Severity } from "../../problem/index.ts";
import {
  type DataCheck,
  reasoningText,
  type Subject,
  type Topic,
  trainedTurnsText,
} from "../../report/index.ts";
import type { Paint } from "./paint.ts";
import { findingText, fixLines, placeName, sentenceColumns, severityWord } from "./problem.ts";
import { sparkline } from "./sparkline.ts";
import { fittedTable, tableText, usualColumns, wrap } from "./table.ts";
import { plain } from "./terminal.ts";

/** Width of the histogram of lengths. */
const histogramColumns = 24;

/** Rows and tokens of each split, and the number of test rows that also appear in training. */
export function checkText(check: DataCheck, columns: number = usualColumns): string {
  const { name, model, origin, splits, padding, memory } = check;
  const table = fittedTable(
    [
      "",
      "#rows",
      "#tokens",
      ["#with loss", 3],
      ["#p50", 2],
      "#p90",
      "#longest",
      "#cut",
      "#left out",
      ["lengths", 4],
    ],
    splits.map(({ name: split, statistics }) => [
      split,
      String(statistics.rows),
      countText(statistics.tokens),
      countText(statistics.labelledTokens),
      String(statistics.total.p50),
      String(statistics.total.p90),
      String(statistics.total.max),
      String(statistics.truncated),
      String(statistics.dropped + statistics.unusable),
      sparkline(
        statistics.total.histogram.map(({ count }) => count),
        histogramColumns,
      ),
    ]),
    columns,
  );
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const waste = padding
    ? [
        `Padding a batch would carry elsewhere: shuffled ${percent(padding.shuffle.paddingShare)}`,
        `by length ${percent(padding.length.paddingShare)}`,
        `packed ${percent(padding.pack.paddingShare)}; here only attention pads`,
      ].join(", ")
    : "";
  const title = wrap(`${plain(name)}: ${plain(model)} (${origin})`, columns).join("\n");
  const below = [trainedTurnsText(check), reasoningText(check), waste, memoryText(memory)].flatMap((text) =>
    text === "" ? [] : ["", ...wrap(text, columns)],
  );
  return [title, "", table, ...below].join("\n");
}

function memoryText(memory: DataCheck["memory"]): string {
  if (memory === null || memory.rows === 0) return "";
  return `Leakage: ${leakageText(memory)}`;
}

/** Every row of the findings with a code, with its text. */
export function evidenceText(check: DataCheck, code: string): string {
  const chosen = check.findings.filter((finding) => finding.code === code);
  if (chosen.length === 0) {
    const codes = [...new Set(check.findings.map((finding) => finding.code))].join(", ");
    return `no finding ${plain(code)}; found: ${codes === "" ? "none" : codes}`;
  }
  return chosen.map((finding) => oneEvidenceText(finding, check)).join("\n\n");
}

function oneEvidenceText(finding: Finding, check: DataCheck): string {
  const evidence = check.observations.find((one) => one.finding === finding)?.evidence ?? [];
  const lines = [plain(finding.detail)];
  for (const { place, reason, other } of evidence) {
    lines.push(`  ${placeName(place)}: ${plain(reason)}`);
    for (const row of other === undefined ? [place] : [place, other]) lines.push(...excerptLines(row, check));
  }
  if (evidence.length === 0) {
    lines.push(
      ...finding.where.map((place) => `  ${placeName(place)}${place.text ? `  ${plain(place.text)}` : ""}`),
    );
    const left = finding.count - finding.where.length;
    if (finding.where.length > 0 && left > 0) lines.push(`  and ${left} more places`);
  }
  if (finding.fix !== "") lines.push(`fix: ${plain(finding.fix)}`);
  return lines.join("\n");
}

function excerptLines(place: Place, { excerpt }: DataCheck): string[] {
  const text = excerpt(place);
  return text === null ? [] : [`    ${placeText(place)}  ${plain(text.prompt)} → ${plain(text.answer)}`];
}

/** A finding that remains in a cleaned copy. */
export interface LeftFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly rows: number;
  readonly why: string;
}

/** Why rows with these codes remain in a copy; other findings have their own fix. */
const whyLeft: Readonly<Record<string, string>> = {
  DATA_LEAK: "the answers differ: decide which is right",
  DATA_LEAK_NEAR: "the answers differ, or only validation has the other row: decide which to keep",
  DATA_LEAK_PARAPHRASE: "similar wording alone does not prove that two rows ask the same: read the pairs",
  DATA_LEAK_TWIN: "one template with other answers: split by template if the answers carry over",
  DATA_LEAK_GROUP: "removing rows does not separate groups: split with data.split.by: group",
  DATA_LEAK_TIME: "removing rows does not separate times: split by time",
  DATA_DUPLICATE_ROWS: "the answers differ, or the rows are held out",
  DATA_NEAR_DUPLICATES: "near duplicates may be wanted: remove or keep them yourself",
};

/** Errors and warnings of a cleaned copy, each code once. */
export function leftIn(findings: readonly Finding[]): LeftFinding[] {
  const byCode = new Map<string, LeftFinding>();
  for (const { code, severity, count, fix } of findings) {
    if (severity === "note") continue;
    const known = byCode.get(code);
    const why = whyLeft[code] ?? fix;
    byCode.set(code, { code, severity: known?.severity ?? severity, rows: (known?.rows ?? 0) + count, why });
  }
  return [...byCode.values()];
}

/** Files of a cleaned copy, the rows removed, and the findings that remain. */
export function cleanedText(
  { files, removed, log }: CleanedData,
  left: readonly LeftFinding[],
  columns: number = usualColumns,
): string {
  const table = tableText(
    ["", "#rows", "#left out", "#redacted"],
    files.map(({ to, rows, dropped, redacted }) => [
      plain(to),
      String(rows),
      String(dropped),
      String(redacted),
    ]),
  );
  const rows = removed.map(({ code, rows: count }) => `  ${countOf(count, "row")}  ${code}`);
  const open = left.flatMap(({ code, severity, rows: count, why }) =>
    wrap(`${severity} ${code}, ${countOf(count, "row")}: ${plain(why)}`, columns - 4).map(
      (line, at) => `${at === 0 ? "  " : "    "}${line}`,
    ),
  );
  return [
    table,
    ["removed:", ...(rows.length === 0 ? ["  nothing"] : rows)].join("\n"),
    ["left in the copy:", ...(open.length === 0 ? ["  no error and no warning"] : open)].join("\n"),
    ...files.flatMap(({ unusable, moved }) =>
      unusable === null ? [] : [`${countOf(moved, "unusable row")} as they were: ${plain(unusable)}`],
    ),
    `every row touched, with the reason: ${plain(log)}`,
  ].join("\n\n");
}

/** Maximum kinds of one code that are listed. */
const kindsShown = 12;

/** Every topic, and counts by severity. */
export function topicsText(topics: readonly Topic[], paint: Paint, columns: number = usualColumns): string {
  return [...topics.map((topic) => topicText(topic, paint, columns)), countsText(topics)].join("\n\n");
}

function topicText(topic: Topic, paint: Paint, columns: number): string {
  const { code, severity, title, subjects, rows } = topic;
  const [subject] = subjects;
  const [line, second] = subject?.lines ?? [];
  if (subjects.length === 1 && line !== undefined && second === undefined) {
    return findingText(line.finding, paint, columns);
  }
  const word = `${severityWord(severity, paint)} ${paint.bold(code)}`;
  if (subjects.length === 1 && subject !== undefined) {
    return [
      `${word}: ${plain(title)}`,
      ...lineTexts(subject, columns),
      ...fixLines(line?.finding.fix ?? "", columns),
    ].join("\n");
  }
  const kinds = subjects.slice(0, kindsShown).map((one) => kindText(one, paint, columns));
  const left = subjects.length - kinds.length;
  if (left > 0) kinds.push(`  and ${left} kinds more: tunewise check --show ${code}`);
  return [`${word}: ${plain(title)}, ${subjects.length} kinds in ${countOf(rows, "row")}`, ...kinds].join(
    "\n",
  );
}

function lineTexts({ lines }: Subject, columns: number): string[] {
  return lines.flatMap(({ finding }) =>
    wrap(plain(finding.detail), sentenceColumns(columns - 2)).map(
      (text, at) => `${at === 0 ? "  " : "    "}${text}`,
    ),
  );
}

function kindText(subject: Subject, paint: Paint, columns: number): string {
  const { severity, summary, lines } = subject;
  const said =
    summary === null
      ? lineTexts(subject, columns)
          .map((text) => text.trim())
          .join("; ")
      : plain(summary);
  const head = wrap(`${severityWord(severity, paint)} ${said}`, Math.max(20, columns - 6));
  const fix = fixLines(lines[0]?.finding.fix ?? "", columns - 2).map((line) => `  ${line}`);
  return [...head.map((line, at) => (at === 0 ? `  ${line}` : `      ${line}`)), ...fix].join("\n");
}

/** Counts topics rather than findings, since one that occurs in every split needs one fix. */
function countsText(topics: readonly Topic[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap((wanted: Severity) => {
    const count = topics.filter(({ severity }) => severity === wanted).length;
    return count === 0 ? [] : `${count} ${wanted}${count === 1 ? "" : "s"}`;
  });
  return counts.join(", ");
}
