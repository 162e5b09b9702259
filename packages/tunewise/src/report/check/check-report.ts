/** @file The report of a check: blocking findings, their meaning, affected rows, and fixes. */

import { countOf } from "@tunewise/core/quantity";
import { leakageText } from "@tunewise/datacheck";
import {
  type Block,
  code,
  type Document,
  list,
  note,
  rows,
  type Section,
  type Sentence,
  section,
  sections,
  sentence,
  type Text,
  type Tile,
} from "../document/document.ts";
import { table } from "../document/table.ts";
import { percent, wholeText } from "../figure-text.ts";
import type { DiffPart } from "../word-diff.ts";
import { nextStep } from "./next-step.ts";
import { type ListedRow, type ListedSubject, type ListedTopic, listTopics } from "./topic-rows.ts";
import { type DataCheck, type Topic, topicsOf } from "./topics.ts";
import { reasoningText, trainedTurnsText } from "./trained-turns.ts";

/** Rows of a subject that are visible, and rows including those behind a click; a command lists all of them. */
const rowsInSight = 3;
const rowsShown = 12;

/** The report as a document. Notes are collapsed. */
export function checkReport(check: DataCheck): Document {
  const topics = topicsOf(check);
  const findings = listTopics(check, rowsShown).map((topic, at) => ({
    severity: topic.severity,
    section: topicSection(topic, topics[at]?.subjects.length ?? 0),
  }));
  const { command, does } = nextStep(check);
  const fingerprint = code(check.dataFingerprint.slice(0, 16));
  return {
    name: check.name,
    about: [`check of the data, model ${check.model}, data fingerprint `, fingerprint],
    verdict: judge(check, topics),
    action: null,
    tiles: tiles(check, topics),
    sections: sections(
      section("Next", { kind: "command", purpose: does, command }),
      ...findings.filter(({ severity }) => severity !== "note").map((one) => one.section),
      section(
        "Rows and tokens",
        rows(rowTable(check)),
        note(trainedTurnsText(check)),
        note(reasoningText(check)),
      ),
    ),
    folded: findings.filter(({ severity }) => severity === "note").map((one) => one.section),
  };
}

function judge({ memory }: DataCheck, topics: readonly Topic[]): Document["verdict"] {
  const errors = topics.filter(({ severity }) => severity === "error");
  const warnings = topics.filter(({ severity }) => severity === "warning");
  const worst = errors.length > 0 ? errors : warnings;
  const named = worst
    .slice(0, 3)
    .map((topic) => `${topic.title.toLowerCase()} (${countOf(topic.rows, "row")})`);
  const left = worst.length - named.length;
  const all = [...named, ...(left > 0 ? [`${left} more`] : [])].join(", ");
  const seen = memory && memory.rows > 0 ? `Leakage: ${leakageText(memory)}.` : "";
  if (errors.length > 0)
    return { title: "The data block a run", sentence: `To fix: ${all}. ${seen}`, tone: "bad" };
  if (warnings.length > 0)
    return { title: "A run can start, with warnings", sentence: seen || `To review: ${all}.`, tone: "open" };
  return { title: "Nothing stands in the way", sentence: `No error and no warning. ${seen}`, tone: "good" };
}

function tiles({ splits, memory }: DataCheck, topics: readonly Topic[]): Tile[] {
  const count = (wanted: string): number => topics.filter(({ severity }) => severity === wanted).length;
  const [train, ...others] = splits.map(({ name, statistics }) => ({
    name,
    rows: wholeText(statistics.rows),
  }));
  const seen = memory && `${percent(memory.rows / memory.of)} %`;
  return [
    ...(seen ? [{ value: seen, label: "of the test rows seen in training" }] : []),
    { value: `${count("error")} / ${count("warning")}`, label: "kinds of errors / warnings" },
    { value: train?.rows ?? "0", label: "training rows" },
    ...(others.length === 0
      ? []
      : [
          {
            value: others.map((one) => one.rows).join(" / "),
            label: `${others.map(({ name }) => name).join(" / ")} rows`,
          },
        ]),
  ];
}

function rowTable({ splits }: DataCheck): ReturnType<typeof table> {
  return table(
    ["", "#rows", "#tokens", "#with loss", "#median", "#longest", "#cut", "#left out"],
    splits.map(({ name, statistics }) => [
      ...[name, String(statistics.rows), String(statistics.tokens), String(statistics.labelledTokens)],
      ...[String(statistics.total.p50), String(statistics.total.max)],
      ...[String(statistics.truncated), String(statistics.dropped + statistics.unusable)],
    ]),
  );
}

/** @param kinds number of subjects, of which a topic lists the worst */
function topicSection(topic: ListedTopic, kinds: number): Section {
  const { severity, title, meaning, subjects, rows: count, command } = topic;
  const [only] = subjects;
  const hasRows = subjects.some((subject) => subject.rows.length > 0);
  const left = kinds - subjects.length;
  return {
    ...section(
      title,
      note(meaning),
      ...(only !== undefined && kinds === 1
        ? [...only.sentences.map((one) => sentence(ended(one))), ...rowBlocks(only)]
        : [sentence(`${kinds} kinds in ${countOf(count, "row")}:`), ...subjects.map(kindBlock)]),
      note(left > 0 ? `${countOf(left, "kind")} more` : ""),
      note([code(topic.code), ...(hasRows ? [" All rows: ", code(command)] : [])]),
    ),
    mark: { word: severity, kind: severity },
  };
}

function ended(text: string): string {
  return `${text.replace(/\.$/, "")}.`;
}

/** One of several subjects, collapsed except for the worst. */
function kindBlock(subject: ListedSubject, at: number): Block {
  return {
    kind: "details",
    title: subject.sentences.join(" · "),
    mark: { word: subject.severity, kind: subject.severity },
    blocks: rowBlocks(subject),
    isOpen: at === 0,
  };
}

/** The rows of a subject, the worst first, and its fix. */
function rowBlocks({ rows: found, total, fix }: ListedSubject): Block[] {
  const items = found.map(rowItem);
  const hidden = items.slice(rowsInSight);
  return [
    list(items.slice(0, rowsInSight)),
    ...(hidden.length === 0
      ? []
      : [
          {
            kind: "details",
            title: `${hidden.length} more; ${wholeText(total)} in all`,
            blocks: [list(hidden)],
            isOpen: false,
          } as const,
        ]),
    note(fix === "" ? "" : `Fix: ${fix}`),
  ];
}

/** Of a common span, only the ends are shown. */
const maxStretch = 140;
/** Maximum characters of an answer next to its prompt, and of answers that are compared. */
const maxAnswer = 100;
const maxLabel = 60;

/** A row of a finding: reason and content. */
function rowItem({ place, reason, prompt, answer, lines, other, parts }: ListedRow): Sentence {
  const text: Text = [code(place), ` ${reason}`];
  if (lines.length > 0)
    return {
      text,
      source: lines.flatMap(({ number, text: line, is_meant: isMeant }) => {
        const numbered = `${String(number).padStart(4)}  ${line}`;
        return [isMeant ? { highlight: numbered } : numbered, "\n"];
      }),
    };
  if (prompt === "" && answer === "") return { text };
  if (other === null) return { text, quotes: [quote(place, [short(prompt, maxStretch)], answer, false)] };
  const differs = answer !== other.answer && Math.max(answer.length, other.answer.length) <= maxLabel;
  const own = (kind: DiffPart["kind"], whole: string): Exclude<Text, string> =>
    parts === null ? [short(whole, 2 * maxStretch)] : side(parts, kind);
  return {
    text,
    quotes: [
      quote(place, own("missing", prompt), answer, differs),
      quote(other.place, own("added", other.prompt), other.answer, differs),
    ],
  };
}

function quote(place: string, prompt: Exclude<Text, string>, answer: string, isMarked: boolean): Text {
  const shown = short(answer, maxAnswer);
  return [code(place), " ", ...prompt, " → ", isMarked ? { highlight: shown } : shown];
}

/** One row of a pair, with its own words highlighted. */
function side(parts: readonly DiffPart[], own: DiffPart["kind"]): Exclude<Text, string> {
  return parts
    .filter(({ kind }) => kind === "same" || kind === own)
    .map(({ kind, text }) => {
      const shown = short(text, maxStretch);
      return kind === "same" || text.trim() === "" ? shown : { highlight: shown };
    });
}

/** Start and end of a long text. */
function short(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  return `${text.slice(0, half).trimEnd()} … ${text.slice(-half).trimStart()}`;
}
