/**
 * @file Types of an arm's questions and answers, and the log `arms/ID.jsonl`. The log records each answer as it
 * arrives, so that an interrupted try resumes where it stopped.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { appendLines, errorReason } from "@tunewise/core/files";
import type { Example, Message } from "@tunewise/core/rows";
import { readLines } from "@tunewise/tracker";
import type { Arm, Shown } from "../../baselines/index.ts";
import { problem } from "../../problem/index.ts";

/** A question for an arm, ready to send. */
export interface ArmQuestion {
  readonly row: number;
  readonly example: Example;
  readonly messages: readonly Message[];
  readonly shown: Shown;
  /** Token ids for local models; empty otherwise. */
  readonly ids: Int32Array;
}

/** An answer with its costs. */
export interface GeneratedAnswer {
  readonly answer: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly seconds: number;
  /** Cost of the answer without the cache. */
  readonly microUsd: number;
  /** Amount paid to an API for this request. */
  readonly paidMicroUsd: number;
  /** Whether the answer comes from the cache or the record, so that nothing was computed or paid. */
  readonly isKept: boolean;
  /** Remarks on the answer, such as that a model other than the requested one answered. */
  readonly notes: readonly string[];
  /** Why there is no answer; `null` if there is one. */
  readonly failed: string | null;
}

/** Answers the questions of one arm, in order. */
export type AnswerQuestions = (arm: Arm, questions: readonly ArmQuestion[]) => Promise<GeneratedAnswer[]>;

const sets = ["validation", "test", "alone"] as const;

/** A logged answer with its cost. */
export interface ArmAnswer extends GeneratedAnswer {
  /** The set of rows, and the row's index in it. `alone` means a test row asked individually to measure latency. */
  readonly set: (typeof sets)[number];
  readonly row: number;
  /** SHA-256 of the question. An answer is reused only for the same question. */
  readonly asked: string;
  /** Titles of the passages in the prompt. */
  readonly passages: readonly string[];
}

/** Maximum length of a line, which has to hold the longest answer with its passages. */
const lineCharsMax = 64 * 1024 * 1024;

/** The answers of one arm, in memory and on disk. */
export class AnswerLog {
  readonly #path: string;
  readonly #known: Map<string, ArmAnswer>;
  #pendingWrite: Promise<void> = Promise.resolve();

  private constructor(path: string, known: Map<string, ArmAnswer>) {
    this.#path = path;
    this.#known = known;
  }

  /** Opens the log of an arm. A truncated line is ignored. */
  static async open(folder: string, armId: string): Promise<AnswerLog> {
    await mkdir(join(folder, "arms"), { recursive: true });
    const path = join(folder, "arms", `${armId}.jsonl`);
    const known = new Map<string, ArmAnswer>();
    if (!existsSync(path)) return new AnswerLog(path, known);
    for await (const lines of readLines(path, lineCharsMax)) {
      for (const { text, isWhole } of lines) {
        // the next append removes a line truncated by a kill
        const answer = text === null || !isWhole ? null : readLine(text);
        if (answer) known.set(keyOf(answer), answer);
      }
    }
    return new AnswerLog(path, known);
  }

  /** Returns the logged answer to a question. */
  find(set: ArmAnswer["set"], row: number, asked: string): ArmAnswer | undefined {
    const answer = this.#known.get(`${set} ${row}`);
    return answer?.asked === asked && answer.failed === null ? answer : undefined;
  }

  /**
   * Logs answers and flushes them to disk.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; in that case none of them is logged
   */
  async add(answers: readonly ArmAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    const lines = answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
    const turn = this.#pendingWrite.then(() => appendLines(this.#path, lines));
    this.#pendingWrite = turn.catch(() => undefined);
    await turn.catch((cause: unknown) => {
      const about = { path: this.#path, folder: dirname(this.#path), reason: errorReason(cause) };
      throw problem("RUN_FILE_WRITE_FAILED", about, { cause });
    });
    for (const answer of answers) this.#known.set(keyOf(answer), answer);
  }
}

function keyOf({ set, row }: Pick<ArmAnswer, "set" | "row">): string {
  return `${set} ${row}`;
}

function readLine(line: string): ArmAnswer | null {
  try {
    const value = JSON.parse(line) as Partial<ArmAnswer>;
    const numbers = [
      value.row,
      value.promptTokens,
      value.answerTokens,
      value.seconds,
      value.microUsd,
      value.paidMicroUsd,
    ];
    const isComplete =
      sets.some((set) => set === value.set) &&
      numbers.every((one) => typeof one === "number" && Number.isFinite(one)) &&
      typeof value.asked === "string" &&
      typeof value.answer === "string" &&
      Array.isArray(value.passages);
    return isComplete ? { ...(value as ArmAnswer), notes: value.notes ?? [] } : null;
  } catch {
    return null;
  }
}
