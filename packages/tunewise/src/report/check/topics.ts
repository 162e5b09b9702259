/** @file Groups findings by topic: one topic per code, with findings of all splits. */

import type { Example, Splits } from "@tunewise/core/rows";
import type { Evidence, MemoryShare, Observation } from "@tunewise/datacheck";
import { answerOf, transcriptOf } from "@tunewise/datacheck/dataset";
import type { EncodeStatistics, PaddingStatistics, RefusedExample } from "../../encode/index.ts";
import { type Finding, type Place, placeKey, type Severity } from "../../problem/index.ts";
import type { DataSection } from "../../recipe/index.ts";
import { weightOf } from "./meaning.ts";

/** A finding. Its sentence omits the first location if the affected rows are shown. */
export interface TopicLine {
  readonly finding: Finding;
  readonly about: Observation["about"];
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
}

/** Findings about one subject: a weakness, a phrase, or the whole code; worst first. */
export interface Subject {
  readonly severity: Severity;
  /** For example `Weak hash function (CWE-327): 3 train, 1 test`; `null` if the sentences state it. */
  readonly summary: string | null;
  readonly lines: readonly TopicLine[];
}

/** All findings of a code. */
export interface Topic {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  readonly subjects: readonly Subject[];
  /** Number of affected rows. */
  readonly rows: number;
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Sorts by severity, then by weight, then by affected rows. */
export function topicsOf({ findings, observations }: Pick<DataCheck, "findings" | "observations">): Topic[] {
  const seen = new Map(observations.map((one) => [one.finding, one]));
  const byCode = new Map<string, Map<string, TopicLine[]>>();
  for (const finding of findings) {
    const subjects = byCode.get(finding.code) ?? new Map<string, TopicLine[]>();
    byCode.set(finding.code, subjects);
    const observation = seen.get(finding);
    const key = subjectOf(observation);
    const line = {
      finding,
      about: observation?.about ?? {},
      sentence: sentenceOf(finding, observation),
      evidence: observation?.evidence ?? [],
    };
    subjects.set(key, [...(subjects.get(key) ?? []), line]);
  }
  return [...byCode.values()]
    .map(topicOf)
    .sort(
      (a, b) =>
        rank[a.severity] - rank[b.severity] ||
        weightOf(b.code) - weightOf(a.code) ||
        Number(b.rows) - Number(a.rows),
    );
}

function topicOf(bySubject: ReadonlyMap<string, readonly TopicLine[]>): Topic {
  const subjects = [...bySubject.values()]
    .map((lines) => ({
      severity: worst(lines.map(({ finding }) => finding.severity)),
      summary: summaryOf(lines),
      lines: lines.toSorted((a, b) => rank[a.finding.severity] - rank[b.finding.severity]),
    }))
    .sort((a, b) => rank[a.severity] - rank[b.severity] || countOf(b.lines) - countOf(a.lines));
  const { code = "", title = "" } = subjects[0]?.lines[0]?.finding ?? {};
  const severity = worst(subjects.map((subject) => subject.severity));
  return { code, title, severity, subjects, rows: rowsOf(subjects) };
}

/** Names a weakness once, with its rows in each split. */
function summaryOf(lines: readonly TopicLine[]): string | null {
  const { weakness, cwe } = lines[0]?.about ?? {};
  if (weakness === undefined) return null;
  const counts = lines.map(({ about, finding }) => `${finding.count} ${about["split"]}`);
  return `${weakness} (CWE-${cwe}): ${counts.join(", ")}`;
}

/** Key that distinguishes findings of a code: the weakness or the phrase. */
function subjectOf(observation: Observation | undefined): string {
  const { cwe, group = "", words } = observation?.about ?? {};
  return cwe === undefined ? String(words ?? "") : `${cwe} ${group}`;
}

/** If rows are shown, removes the first location and the explanation of the threshold. */
function sentenceOf({ detail }: Finding, observation: Observation | undefined): string {
  if (observation === undefined || observation.evidence.length === 0) return detail;
  const { first, how } = observation.about;
  const end = `; first ${first}`;
  const short = detail.endsWith(end) ? detail.slice(0, -end.length) : detail;
  return short.replace(`; flagged: ${how}`, "");
}

function worst(severities: readonly Severity[]): Severity {
  return severities.toSorted((a, b) => rank[a] - rank[b])[0] ?? "note";
}

function countOf(lines: readonly TopicLine[]): number {
  return lines.reduce((sum, { finding }) => sum + finding.count, 0);
}

/** A row that occurs in several subjects is counted once. */
function rowsOf(subjects: readonly Subject[]): number {
  const lines = subjects.flatMap((subject) => subject.lines);
  const named = new Set(lines.flatMap(({ evidence }) => evidence.map(({ place }) => placeKey(place))));
  return named.size > 0 ? named.size : countOf(lines);
}

/**
 * Result of a check.
 *
 * @example
 * import { checkData, type DataCheck } from "tunewise/check";
 * import { loadRecipe } from "tunewise/plan";
 *
 * const check: DataCheck = await checkData(await loadRecipe("tunewise.yaml"));
 * console.log(check.name, check.findings.length > 0); // small true
 */
export interface DataCheck {
  readonly name: string;
  /** The recipe's file, relative to the working directory. */
  readonly recipe: string;
  readonly model: string;
  /** How the model was found. */
  readonly origin: string;
  readonly dataFingerprint: string;
  readonly splits: readonly { readonly name: string; readonly statistics: EncodeStatistics }[];
  /** Which answers of a conversation are trained on. */
  readonly trainOn: DataSection["trainOn"];
  readonly reasoning: DataSection["reasoning"];
  /** Fraction of padding at the recipe's batch size, by batching method. */
  readonly padding: PaddingStatistics | null;
  readonly findings: readonly Finding[];
  /** Observations with all affected rows; their findings are included in `findings`. */
  readonly observations: readonly Observation[];
  /** Rows that the chat template rejects or whose answer cannot be located. */
  readonly refused: readonly RefusedExample[];
  /** `null` without test rows. */
  readonly memory: MemoryShare | null;
  /** Version stamps of the files, taken before reading. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Masked content of a row. */
  readonly excerpt: Excerpts;
}

/** A row for display. */
export interface Excerpt {
  /** On one line, truncated. */
  readonly prompt: string;
  readonly answer: string;
  /** Lines of the complete, masked answer; `null` if masking changed their number. */
  readonly answerLines: readonly string[] | null;
}

/** Finds rows by location. @param maxCharacters limit of a prompt or an answer */
export type Excerpts = (place: Place, maxCharacters?: number) => Excerpt | null;

/** Maximum displayed characters of a turn before the last one. */
const turnCharacters = 80;

/** Maximum displayed characters of a prompt or an answer. */
const charactersListed = 240;

/** Indexes the rows of a data set by location. @param show masks secrets in a text */
export function excerptsOf(splits: Splits<Example>, show: (text: string) => string): Excerpts {
  let rows: Map<string, Example> | undefined;
  return (place, maxCharacters = charactersListed) => {
    rows ??= new Map(
      [...splits.train, ...splits.validation, ...splits.test].map((row) => [placeKey(row), row]),
    );
    const row = rows.get(placeKey(place));
    if (row === undefined) return null;
    const text = answerOf(row);
    const answer = show(text);
    const answerLines = answer.split("\n");
    return {
      prompt: short(show(transcriptOf(row, turnCharacters)), maxCharacters),
      answer: short(answer, maxCharacters),
      answerLines: answerLines.length === text.split("\n").length ? answerLines : null,
    };
  };
}

function short(text: string, maxCharacters: number): string {
  const flat = text.replace(/\s{1,1000}/g, " ").trim();
  return flat.length <= maxCharacters ? flat : `${flat.slice(0, maxCharacters).trimEnd()}…`;
}
