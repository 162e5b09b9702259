/**
 * @file Findings gathered by what they are about: one topic per code, though each part has findings of its own.
 */
import type { EncodeStatistics, PaddingStatistics } from "../../dataset/index.ts";
import type { Evidence, MemoryShare, Observation } from "../../inspect/index.ts";
import { type Finding, placeKey, type Severity } from "../../problem/index.ts";
import type { Excerpts } from "./excerpt.ts";

import { weightOf } from "./meaning.ts";

/** One finding without its first place, which its rows show. */
export interface TopicLine {
  readonly finding: Finding;
  readonly about: Observation["about"];
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
}

/** Findings about one thing: a weakness, a phrase, or the code's only one; the worst first. */
export interface Subject {
  readonly severity: Severity;
  /** `A broken hash function (CWE-327): 3 train, 1 test`; `null` where the sentences say it. */
  readonly summary: string | null;
  readonly lines: readonly TopicLine[];
}

/** All findings of a code. */
export interface Topic {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  readonly subjects: readonly Subject[];
  /** Rows that any of its findings names. */
  readonly rows: number;
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** The worst severity first, then what weighs more, then what more rows have. */
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

/** A weakness is named once, with its rows in each part. */
function summaryOf(lines: readonly TopicLine[]): string | null {
  const { weakness, cwe } = lines[0]?.about ?? {};
  if (weakness === undefined) return null;
  const counts = lines.map(({ about, finding }) => `${finding.count} ${about["split"]}`);
  return `${weakness} (CWE-${cwe}): ${counts.join(", ")}`;
}

/** Several findings of a code are told apart by the weakness, or by the phrase. */
function subjectOf(observation: Observation | undefined): string {
  const { cwe, words } = observation?.about ?? {};
  return String(cwe ?? words ?? "");
}

/** The first place, and how a limit was found, are left out where the rows themselves are shown. */
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

/** Rows are counted once, whatever number of subjects name them. */
function rowsOf(subjects: readonly Subject[]): number {
  const lines = subjects.flatMap((subject) => subject.lines);
  const named = new Set(lines.flatMap(({ evidence }) => evidence.map(({ place }) => placeKey(place))));
  return named.size > 0 ? named.size : countOf(lines);
}

/** What a check found. */
export interface DataCheck {
  readonly name: string;
  /** The recipe's file, from where the user stands. */
  readonly recipe: string;
  readonly model: string;
  /** How the model was found. */
  readonly origin: string;
  readonly dataFingerprint: string;
  readonly splits: readonly { readonly name: string; readonly statistics: EncodeStatistics }[];
  /** Share of padding at the recipe's batch size, by way of batching. */
  readonly padding: PaddingStatistics | null;
  readonly findings: readonly Finding[];
  /** Findings of rows with all the rows they rest on; their findings are among `findings`. */
  readonly observations: readonly Observation[];
  /** `null`: there are no test rows. */
  readonly memory: MemoryShare | null;
  /** The files as they were before they were read. */
  readonly stamps: ReadonlyMap<string, string>;
  /** What stands in a row, masked. */
  readonly excerpt: Excerpts;
}
