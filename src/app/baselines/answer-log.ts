/**
 * @file `arms/ID.jsonl` of a try: every answer of an arm as it arrives, so that an interrupted try resumes where it
 * was.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Message } from "../../dataset/index.ts";
import { appendLines, errorReason } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";
import { readLines } from "../../track/index.ts";
import type { GeneratedAnswer } from "./answer-rows.ts";

const sets = ["validation", "test", "alone"] as const;

/** A logged answer with its cost. */
export interface ArmAnswer extends GeneratedAnswer {
  /** Set of rows and index of the row in it. `alone` is a test row that is asked again by itself. */
  readonly set: (typeof sets)[number];
  readonly row: number;
  /** SHA-256 of the question: an answer to another question does not match. */
  readonly asked: string;
  /** Titles of the passages in the prompt. */
  readonly passages: readonly string[];
}

/** Limit of a line, for the longest answer with its passages. */
const lineCharsMax = 64 * 1024 * 1024;

/** Answers of one arm, in memory and on disk. */
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
        // a line truncated by a kill is removed from the file by the next append
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
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; then none of them is logged
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

/** Key of a question. */
export function questionKey(messages: readonly Message[]): string {
  const turns = messages.map(({ role, content }) => [role, content]);
  return createHash("sha256").update(JSON.stringify(turns)).digest("hex");
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
    return isComplete ? { ...(value as ArmAnswer), remarks: value.remarks ?? [] } : null;
  } catch {
    return null;
  }
}
