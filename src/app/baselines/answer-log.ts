/**
 * @file `arms/ID.jsonl` of a try: every answer of an arm as it comes, so that an interrupted try goes on where it was.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Message } from "../../dataset/index.ts";
import { appendLines, errorReason } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";
import { readLines } from "../../track/index.ts";
import type { GeneratedAnswer } from "./answer-questions.ts";

const sets = ["validation", "test", "alone"] as const;

/** One answer and what it took, kept. */
export interface ArmAnswer extends GeneratedAnswer {
  /** Which set of rows, and the row's place in it; `alone`: a test row asked once more, by itself. */
  readonly set: (typeof sets)[number];
  readonly row: number;
  /** SHA-256 of what was asked: an answer to another question does not count. */
  readonly asked: string;
  /** Titles of the passages shown. */
  readonly passages: readonly string[];
}

/** Longest line that is read back: a longest answer with its passages. */
const lineCharsMax = 64 * 1024 * 1024;

/** Answers of one arm, on disk and at hand. */
export class AnswerLog {
  readonly #path: string;
  readonly #known: Map<string, ArmAnswer>;
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, known: Map<string, ArmAnswer>) {
    this.#path = path;
    this.#known = known;
  }

  /** Opens the log of an arm; a line that was cut off is left out. */
  static async open(folder: string, armId: string): Promise<AnswerLog> {
    await mkdir(join(folder, "arms"), { recursive: true });
    const path = join(folder, "arms", `${armId}.jsonl`);
    const known = new Map<string, ArmAnswer>();
    if (!existsSync(path)) return new AnswerLog(path, known);
    for await (const lines of readLines(path, lineCharsMax)) {
      for (const { text, isWhole } of lines) {
        // what a kill cut off is cut from the file with the next addition
        const answer = text === null || !isWhole ? null : readLine(text);
        if (answer) known.set(keyOf(answer), answer);
      }
    }
    return new AnswerLog(path, known);
  }

  /** The answer to a question that was asked before. */
  find(set: ArmAnswer["set"], row: number, asked: string): ArmAnswer | undefined {
    const answer = this.#known.get(`${set} ${row}`);
    return answer?.asked === asked && answer.failed === null ? answer : undefined;
  }

  /**
   * Keeps answers; they are on the disk when it returns.
   *
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; none of them is kept then
   */
  async add(answers: readonly ArmAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    const lines = answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
    const turn = this.#last.then(() => appendLines(this.#path, lines));
    this.#last = turn.catch(() => undefined);
    await turn.catch((cause: unknown) => {
      const about = { path: this.#path, folder: dirname(this.#path), reason: errorReason(cause) };
      throw problem("RUN_FILE_WRITE_FAILED", about, { cause });
    });
    for (const answer of answers) this.#known.set(keyOf(answer), answer);
  }
}

/** What an arm asks, as one key. */
export function askedKey(messages: readonly Message[]): string {
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
    const isWhole =
      sets.some((set) => set === value.set) &&
      numbers.every((one) => typeof one === "number" && Number.isFinite(one)) &&
      typeof value.asked === "string" &&
      typeof value.answer === "string" &&
      Array.isArray(value.passages);
    return isWhole ? { ...(value as ArmAnswer), remarks: value.remarks ?? [] } : null;
  } catch {
    return null;
  }
}
