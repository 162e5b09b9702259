/** @file Findings of a check as text, gathered by what they are about: one block per code. */

import type { Severity } from "../../problem/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { Subject, Topic } from "../../report/index.ts";
import type { Paint } from "./paint.ts";
import { plain } from "./place.ts";
import { findingText, fixLines, sentenceColumns, severityWord } from "./problem.ts";
import { usualColumns, wrap } from "./table.ts";

/** Kinds of one code that are listed. */
const kindsShown = 12;

/** Every topic, the worst first, and how many there are. */
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

/** Kinds, and not findings: one that each part of the data has is one to deal with. */
function countsText(topics: readonly Topic[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap((wanted: Severity) => {
    const count = topics.filter(({ severity }) => severity === wanted).length;
    return count === 0 ? [] : `${count} ${wanted}${count === 1 ? "" : "s"}`;
  });
  return counts.join(", ");
}
