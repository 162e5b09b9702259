/**
 * @file Lists runs that need attention: they ended badly or without a decision. Each has a sentence that explains why.
 */
import { type Usd, usdText } from "@tunewise/core/quantity";
import { tryOf } from "@tunewise/core/run";
import {
  type OpenMatter,
  type ProjectsAmong,
  type Reader,
  readLastReportedEvent,
  readOpenMatters,
} from "@tunewise/tracker";
import { guardMarks } from "./own-run.ts";

/** A run that needs attention. */
export interface ShownMatter {
  readonly id: string;
  readonly name: string;
  readonly projectName: string;
  readonly kind: "failed" | "stopped" | "finding" | "repeated" | "undecided";
  readonly sentence: string;
  /** When the run ended. */
  readonly ms: number;
  readonly spentMicroUsd: number;
}

/** The latest matters, and the total number. */
export interface ShownMatters {
  readonly items: readonly ShownMatter[];
  readonly total: number;
}

const maxShown = 10;
const dayMs = 86_400_000;
/** Older matters are not listed. */
const daysShown = 14;
const sentenceChars = 300;

/** Lists the matters of readable projects. */
export async function listOpenMatters(
  reader: Reader,
  nowMs: number,
  readable: ProjectsAmong | null,
): Promise<ShownMatters> {
  const found = await readOpenMatters(reader, nowMs - daysShown * dayMs, maxShown, readable);
  const items: ShownMatter[] = [];
  for (const matter of found.items) items.push(await shownMatter(reader, matter));
  return { items, total: found.total };
}

async function shownMatter(reader: Reader, matter: OpenMatter): Promise<ShownMatter> {
  const { id, name, endedMs, seenMs, spentMicroUsd } = matter.run;
  const { kind, sentence } = await reasonOf(reader, matter);
  return {
    id,
    name: name.slice(0, sentenceChars),
    projectName: matter.projectName,
    kind,
    spentMicroUsd,
    sentence: sentence.slice(0, sentenceChars),
    ms: endedMs ?? seenMs,
  };
}

async function reasonOf(
  reader: Reader,
  { run, stop, finding, repetition, summary }: OpenMatter,
): Promise<Pick<ShownMatter, "kind" | "sentence">> {
  if (run.status === "stopped")
    return { kind: "stopped", sentence: stop ?? (await guardSentence(reader, run)) };
  if (run.status !== "completed" && run.status !== "interrupted") {
    const words = { crashed: "its client fell silent", killed: "it was killed" } as const;
    return { kind: "failed", sentence: words[run.status as keyof typeof words] ?? "it ended as failed" };
  }
  if (finding !== null) return { kind: "finding", sentence: finding };
  if (repetition !== null)
    return { kind: "repeated", sentence: `${repetition} It cost ${usdText(run.spentMicroUsd as Usd)}.` };
  const outcome = summary === null ? null : (tryOf({ summary })?.outcome ?? null);
  const sentence =
    outcome === null ? "the comparison was not finished" : `${outcome.arms} ways compared, undecided`;
  return { kind: "undecided", sentence };
}

async function guardSentence(reader: Reader, run: OpenMatter["run"]): Promise<string> {
  if (run.client !== "tunewise") return "it was stopped";
  const event = await readLastReportedEvent(reader, run, "guard-tripped");
  const [mark] = event === null ? [] : guardMarks([event]);
  return mark?.sentence ?? "it was stopped";
}
