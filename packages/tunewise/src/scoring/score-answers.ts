/** @file Scores answers by a recipe's metrics, after running those that need an external process. */

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { RowLoss } from "@tunewise/core/run";
import { decodeAnswer } from "@tunewise/tracker";
import { packageProgram } from "../catalog/index.ts";
import {
  type AnswerFacts,
  type EstablishedOutcomes,
  type ExecuteSql,
  hasSameResult,
  type QueryResult,
  type RowOutcome,
  type Score,
  type ScoringData,
  scorePredictions,
} from "../evaluate/index.ts";
import { problem } from "../problem/index.ts";
import type { MetricName, Recipe } from "../recipe/index.ts";

/** Inputs of scoring. */
export interface Scorer {
  readonly recipe: Recipe;
  /** Folder of the recipe's file. */
  readonly folder: string;
  readonly material: ScoringData;
  /** Labels of the training rows, for `classify` without a list. */
  readonly knownLabels: readonly string[];
  /** Command that starts Node. */
  readonly node: readonly string[];
}

/** Answers to score, one per row; losses only if a metric needs them. */
export interface Answered {
  readonly answers: readonly string[];
  readonly losses: readonly RowLoss[];
  readonly references: readonly string[];
  readonly about: AnswerFacts;
  /** Indices of rows without an answer, which are not scored. */
  readonly unanswered?: readonly number[];
}

/**
 * One score per metric.
 *
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`
 */
export async function scoreAnswers(
  { recipe, folder, material, knownLabels, node }: Scorer,
  metrics: readonly MetricName[],
  { answers, losses, references, about, unanswered = [] }: Answered,
): Promise<Score[]> {
  const established: EstablishedOutcomes = metrics.includes("sql_execution")
    ? {
        sql_execution: await executionOutcomes(
          resolve(folder, recipe.task.database ?? ""),
          node,
          answers,
          references,
        ),
      }
    : {};
  const labels = recipe.task.labels.length > 0 ? recipe.task.labels : knownLabels;
  const settings = { labels, seed: recipe.training.seed, scoring: material };
  return scorePredictions(
    metrics,
    { answers, losses, established, answerFacts: about, unanswered },
    references,
    settings,
  );
}

/**
 * Heap limit of the SQL process in MiB, enough for the largest result as rows and as a line. A larger result ends the
 * process instead of exhausting memory.
 */
const heapMebibytes = 512;

async function executionOutcomes(
  path: string,
  node: readonly string[],
  answers: readonly string[],
  references: readonly string[],
): Promise<RowOutcome[]> {
  const [program = "", ...words] = node;
  const command = [program, `--max-old-space-size=${heapMebibytes}`, ...words, packageProgram("sql-reader")];
  const { execute, close } = await openSqlProcess(path, command);
  try {
    const outcomes: RowOutcome[] = [];
    for (const [row, reference] of references.entries()) {
      const isAlike = await hasSameResult(answers[row] ?? "", reference, execute);
      outcomes.push({ value: isAlike ? 1 : 0, weight: isAlike === null ? 0 : 1 });
    }
    return outcomes;
  } finally {
    await close();
  }
}

/** Timeout of a statement, in milliseconds. */
const timeoutMs = 10_000;

/** Runs statements on one database. */
export interface SqlProcess {
  readonly execute: ExecuteSql;
  close(): Promise<void>;
}

/**
 * Starts a process for a database. It is restarted after a timeout.
 *
 * @param command command of the SQL process; the path of the database is appended
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`
 */
export async function openSqlProcess(path: string, command: readonly string[]): Promise<SqlProcess> {
  let reader: Reader | null = new Reader([...command, path]);
  const first = await reader.ask("SELECT 1");
  if ("error" in first) {
    await reader.end();
    throw problem("SQL_DATABASE_UNREADABLE", { path, reason: first.error });
  }
  return {
    execute: async (statement) => {
      reader ??= new Reader([...command, path]);
      const answer = await reader.ask(statement);
      if (reader.isDead) reader = null;
      return answer;
    },
    close: async () => reader?.end(),
  };
}

class Reader {
  isDead = false;
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private stderr = "";

  constructor([program = "", ...words]: readonly string[]) {
    this.child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.child.stderr?.on("data", (part: Buffer) => {
      this.stderr = (this.stderr + part.toString("utf8")).slice(0, 2000);
    });
    // writes to an exited process are ignored
    this.child.stdin?.on("error", () => undefined);
  }

  ask(statement: string): Promise<QueryResult> {
    return new Promise((resolve) => {
      const settle = (result: QueryResult): void => {
        clearTimeout(clock);
        this.lines.off("line", onLine);
        this.child.off("close", onEnd);
        this.child.off("error", onEnd);
        resolve(result);
      };
      const onLine = (line: string): void => settle(decodeAnswer(line));
      const onEnd = (): void => {
        this.isDead = true;
        settle({ error: reasonIn(this.stderr) });
      };
      const clock = setTimeout(() => {
        this.isDead = true;
        this.child.kill("SIGKILL");
        settle({ error: `not done after ${timeoutMs / 1000} s` });
      }, timeoutMs);
      this.lines.once("line", onLine);
      this.child.once("close", onEnd);
      this.child.once("error", onEnd);
      this.child.stdin?.write(`${JSON.stringify(statement)}\n`);
    });
  }

  async end(): Promise<void> {
    if (this.isDead || this.child.exitCode !== null) return;
    const ended = new Promise((done) => this.child.once("close", done));
    this.child.stdin?.end();
    await ended;
  }
}

/** The error line of an exited process, without its stack trace. */
function reasonIn(text: string): string {
  const line = text.split("\n").find((one) => /error/i.test(one)) ?? text.trim().split("\n")[0] ?? "";
  return line.trim() === "" ? "the process that runs it ended" : line.trim();
}
