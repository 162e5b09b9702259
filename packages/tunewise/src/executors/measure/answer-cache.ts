/**
 * @file `kept-answers.jsonl` of a run: answers to test rows by question and model, so that a resumed run never repeats
 * a question.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { errorReason } from "@tunewise/core/files";
import type { RowAnswer } from "@tunewise/core/run";
import { type RunFolder, readLines } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";

/** Maximum characters of a line: an answer of the maximum length. */
const lineCharsMax = 4_000_000;

/** Answers in memory and on disk. */
export class AnswerCache {
  private readonly path: string;
  private readonly known: Map<string, RowAnswer>;

  private constructor(path: string, known: Map<string, RowAnswer>) {
    [this.path, this.known] = [path, known];
  }

  /** Opens a run's answers; a line that a kill truncated is dropped. */
  static async open(folder: RunFolder): Promise<AnswerCache> {
    const path = join(folder.path, "kept-answers.jsonl");
    const known = new Map<string, RowAnswer>();
    if (!existsSync(path)) return new AnswerCache(path, known);
    for await (const lines of readLines(path, lineCharsMax)) {
      for (const { text, isWhole } of lines) {
        const kept = text === null || !isWhole ? null : readLine(text);
        if (kept) known.set(kept.key, { answer: kept.answer, loss: kept.loss });
        if (!isWhole) await appendFile(path, "\n");
      }
    }
    return new AnswerCache(path, known);
  }

  find(key: string): RowAnswer | undefined {
    return this.known.get(key);
  }

  /**
   * Adds answers. One that is too long for a line stays in memory only.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`
   */
  async add(answers: readonly ({ readonly key: string } & RowAnswer)[]): Promise<void> {
    const lines = answers.map((one) => JSON.stringify(one)).filter(({ length }) => length <= lineCharsMax);
    try {
      if (lines.length > 0) await appendFile(this.path, `${lines.join("\n")}\n`);
    } catch (cause) {
      const about = { path: this.path, folder: this.path, reason: errorReason(cause) };
      throw problem("RUN_FILE_WRITE_FAILED", about, { cause });
    }
    for (const { key, answer, loss } of answers) this.known.set(key, { answer, loss });
  }
}

/**
 * Key of an answer in the cache.
 *
 * @param asked model and settings, as a JSON value
 * @param ids the row's tokens that determine the answer
 */
export function answerKey(asked: unknown, ids: Int32Array): string {
  return createHash("sha256").update(JSON.stringify(asked)).update(ids).digest("hex");
}

function readLine(line: string): ({ readonly key: string } & RowAnswer) | null {
  try {
    const { key, answer, loss } = JSON.parse(line) as Partial<{ readonly key: string } & RowAnswer>;
    const isAnswer =
      answer === null || (typeof answer?.text === "string" && typeof answer.answerTokens === "number");
    const isLoss =
      loss === null || (typeof loss?.nll === "number" && typeof loss.labelledTokens === "number");
    return typeof key === "string" && isAnswer && isLoss ? { key, answer, loss } : null;
  } catch {
    return null;
  }
}
