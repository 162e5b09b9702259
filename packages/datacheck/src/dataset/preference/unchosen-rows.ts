/** @file Rows that have no chosen answer. They are not trained, and what they reject is compared with chosen answers. */
import { answerText, type Example, locationOf } from "@tunewise/core/rows";
import { promptOf } from "../conversation.ts";
import type { RowIssues } from "../row-issue.ts";

/** Collects rejected answers by prompt. */
export class UnchosenRows {
  readonly #byPrompt = new Map<string, string[]>();

  /** Reports a row, and keeps its answer. */
  add(example: Example, reason: string, issues: RowIssues): void {
    issues.add({ code: "DATA_ANSWER_NOT_CHOSEN", reason }, locationOf(example), "note");
    const answer = example.messages.at(-1);
    if (answer?.role !== "assistant") return;
    const known = this.#byPrompt.get(promptOf(example)) ?? [];
    known.push(answerText(answer));
    this.#byPrompt.set(promptOf(example), known);
  }

  /** Adds the rejected answers to the first example with the same prompt. */
  settle(examples: Example[]): void {
    for (const [at, example] of this.#byPrompt.size === 0 ? [] : examples.entries()) {
      const prompt = promptOf(example);
      const rejected = this.#byPrompt.get(prompt);
      if (rejected === undefined || example.compared === undefined) continue;
      const compared = { ...example.compared, rejected: [...example.compared.rejected, ...rejected] };
      examples[at] = { ...example, compared };
      this.#byPrompt.delete(prompt);
    }
  }
}
