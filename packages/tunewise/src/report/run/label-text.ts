/**
 * @file Labels of a task in a report: table, confusion matrix, most frequent confusions, and answers that are not
 * labels.
 */
import type { LabelTable } from "../../evaluate/index.ts";
import { cut } from "../document/plain-text.ts";
import { type Table, table } from "../document/table.ts";
import { percent, wholeText } from "../figure-text.ts";
import type { LabelFacts } from "./report.ts";

/** Maximum number of labels of a readable matrix. */
export const matrixReadable = 20;
/** Maximum displayed characters of a label. */
const maxLabel = 60;

/** How answers were decoded, and how many are not labels. */
export function labelSentence({ decoding, tuned, base, rows }: LabelFacts): string {
  if (decoding.kind === "constrained")
    return `Answers were chosen among ${decoding.labels} labels, so that each is one of them.`;
  const share = ({ unknown }: LabelTable): string =>
    `${wholeText(unknown)} of ${wholeText(rows)} (${percent(unknown / Math.max(1, rows))} %)`;
  const before = base ? `, of the base model ${share(base)}` : "";
  return `Answers were decoded freely. Answers of the tuned model that are no label: ${share(tuned)}${before}.`;
}

/** Precision, recall and F1 of each label, with the base model's recall. */
export function labelTableOf({ tuned, base }: LabelFacts): Table {
  const before = new Map(base?.labels.map((one) => [one.label, one]));
  const titles = [
    "label",
    "#rows",
    "#answered",
    "#precision",
    "#recall",
    "#F1",
    ...(base ? ["#F1 of the base"] : []),
  ];
  const rows = tuned.labels.map(({ label, support, answered, precision, recall, f1 }) => [
    cut(label, maxLabel),
    ...[wholeText(support), wholeText(answered)],
    ...[precision, recall, f1].map((share) => `${percent(share)} %`),
    ...(base ? [`${percent(before.get(label)?.f1 ?? 0)} %`] : []),
  ]);
  return table(titles, rows);
}

/** The confusion matrix, expected labels in rows and answered ones in columns; `null` if too large to read. */
export function confusionTable({ matrix, labels, unknown }: LabelTable): Table | null {
  if (matrix === null || labels.length > matrixReadable) return null;
  const names = labels.map(({ label }) => cut(label, maxLabel));
  const columns = [...names, ...(unknown > 0 ? ["no label"] : [])];
  const titles = ["expected \\ answered", ...columns.map((name) => `#${name}`)];
  return table(
    titles,
    matrix.map((row, at) => [names[at] ?? "", ...row.slice(0, columns.length).map(wholeText)]),
  );
}

/** The most frequently confused pairs of labels. */
export function confusedPairsTable({ confusions }: LabelTable): Table {
  const rows = confusions.map(({ expected, answered, count }) => [
    cut(expected, maxLabel),
    answered === null ? "(no label)" : cut(answered, maxLabel),
    wholeText(count),
  ]);
  return table(["expected", "answered", "#rows"], rows);
}
