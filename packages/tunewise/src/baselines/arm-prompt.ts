/** @file Builds an arm's prompt: instructions, few-shot examples, passages and the question, as one conversation. */
import type { Example, Message } from "@tunewise/core/rows";
import type { Recipe } from "../recipe/index.ts";
import type { Arm } from "./arm.ts";

/** A passage in a prompt. */
export interface ShownPassage {
  /** Its source, such as `guide.md, Refunds`. */
  readonly title: string;
  readonly text: string;
}

/** Context before a question. */
export interface Shown {
  /** Least similar first, so that the nearest is next to the question. */
  readonly examples: readonly Example[];
  /** Best first. */
  readonly passages: readonly ShownPassage[];
}

/** Guidance for a model that was not trained on the task. */
export interface Guidance {
  /** System message of arms without their own; `null` for none. */
  readonly instructions: string | null;
  readonly mustCite: boolean;
}

/** Maximum number of labels listed in an instruction; with more, only the examples show them. */
const maxLabels = 200;

/** Default instructions of a task. */
export function guidanceOf({ task, decision }: Recipe, knownLabels: readonly string[]): Guidance {
  const labels = task.labels.length > 0 ? task.labels : knownLabels;
  const instructions = {
    classify:
      labels.length > 0 && labels.length <= maxLabels
        ? `Answer with exactly one of these labels and nothing else: ${labels.join(", ")}`
        : "Answer with the label that fits and nothing else.",
    json: "Answer with one JSON value and nothing else.",
    tools: null, // the template explains the calls
    text: null,
    "language-modeling": null,
  }[task.kind];
  return { instructions, mustCite: decision.mustCite };
}

/** The conversation up to the answer. */
export function armPrompt(arm: Arm, example: Example, shown: Shown, guidance: Guidance): Message[] {
  const asked = example.messages.slice(0, -1);
  const own = asked.filter(({ role }) => role === "system").map(({ content }) => content);
  const instructions = arm.instructions ?? (arm.model === "tuned" ? null : guidance.instructions);
  const system = [...own, ...(instructions === null || instructions === "" ? [] : [instructions])].join(
    "\n\n",
  );
  const turns = asked.filter(({ role }) => role !== "system");
  return [
    ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
    ...shown.examples.flatMap(({ messages }) => messages.filter(({ role }) => role !== "system")),
    ...withPassages(turns, shown.passages, guidance.mustCite),
  ];
}

function withPassages(
  turns: readonly Message[],
  passages: readonly ShownPassage[],
  mustCite: boolean,
): readonly Message[] {
  const last = turns.findLastIndex(({ role }) => role === "user");
  if (passages.length === 0 || last === -1) return turns;
  const texts = passages.map(({ title, text }, at) => `[${at + 1}] ${title}\n${text}`).join("\n\n");
  const cite = mustCite ? " Name the numbers of the passages that the answer rests on, such as [1]." : "";
  return turns.map((turn, at) =>
    at === last
      ? { ...turn, content: `Passages:\n\n${texts}\n\nAnswer from the passages.${cite}\n\n${turn.content}` }
      : turn,
  );
}

/** Distinct numbers, from 1, of the passages that an answer cites. */
export function citedPassages(answer: string, passages: number): number[] {
  const named = [...answer.slice(0, 100_000).matchAll(/\[(\d{1,3})\]/g)].map(([, digits]) => Number(digits));
  return [...new Set(named)].filter((number) => number >= 1 && number <= passages);
}
