/** @file Splits the rows of a try: few-shot examples, rows for selection, and the held-out test set. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { appendLines, errorReason } from "@tunewise/core/files";
import type { Example } from "@tunewise/core/rows";
import { readRegularFile } from "@tunewise/core/untrusted";
import type { Observation } from "@tunewise/datacheck";
import { answerOf, spread } from "@tunewise/datacheck/dataset";
import { placeText, problem } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { TestSetAccess } from "../../report/index.ts";

/** Disjoint sets of rows by purpose. */
export interface TryRows {
  /** Labeled rows for few-shot prompts and nearest-neighbor votes. */
  readonly examples: readonly Example[];
  /** Rows on which the numbers of examples and passages are selected. */
  readonly validation: readonly Example[];
  readonly heldOut: HeldOutTestSet;
  /** Number of test rows excluded because training rows repeat them, which would inflate the scores. */
  readonly leaked: number;
  /** Answers of the training rows, for tasks with labels. */
  readonly knownLabels: readonly string[];
}

/** Code of the finding about test rows that also appear in the training rows. */
export const leakCode = "DATA_LEAK";

/**
 * Splits the rows of a recipe. Without validation rows, some training rows are set aside for selection.
 *
 * @throws {TunewiseError} `DATA_SPLIT_EMPTY` if there are no test rows
 */
export function splitTryRows(
  splits: { readonly [Part in "train" | "validation" | "test"]: readonly Example[] },
  { decision, evaluation, data }: Recipe,
  observations: readonly Observation[],
): TryRows {
  const clean = excludeLeaked(splits.test, observations);
  const test = evaluation.rows === null ? clean : clean.slice(0, evaluation.rows);
  if (test.length === 0) {
    const fix =
      "Give data.test a file, or data.split.test a share above 0, with rows that training does not have";
    throw problem("DATA_SPLIT_EMPTY", { split: "test", file: data.test ?? "-", have: "0 usable rows", fix });
  }
  const pool = splits.validation.length > 0 ? splits.validation : splits.train;
  const validation = spread(pool, Math.min(decision.judgeRows, Math.ceil(pool.length / 2)));
  const aside = new Set(splits.validation.length > 0 ? [] : validation);
  return {
    examples: splits.train.filter((row) => !aside.has(row)),
    validation,
    heldOut: new HeldOutTestSet(test, fingerprintOf(test)),
    leaked: splits.test.length - clean.length,
    knownLabels: [...new Set(splits.train.map(answerOf))],
  };
}

function excludeLeaked(test: readonly Example[], observations: readonly Observation[]): readonly Example[] {
  const leaks = observations.filter(({ finding }) => finding.code === leakCode);
  const named = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  return test.filter((row) => !named.has(placeText(row)));
}

function fingerprintOf(rows: readonly Example[]): string {
  const hash = createHash("sha256");
  for (const { messages } of rows) hash.update(`${JSON.stringify(messages)}\n`);
  return hash.digest("hex");
}

/** Maximum size of the access log, enough for several hundred thousand entries. */
const maxLogBytes = 64 * 1024 * 1024;

/**
 * Held-out test rows. Code that selects candidates (numbers of examples, passages, prompts) never receives the opened
 * rows, so the selection cannot depend on them.
 */
export class HeldOutTestSet {
  readonly #rows: readonly Example[];
  readonly count: number;
  /** SHA-256 of the rows. */
  readonly fingerprint: string;

  constructor(rows: readonly Example[], fingerprint: string) {
    this.#rows = rows;
    this.count = rows.length;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens the rows after logging the access.
   *
   * @param output folder of runs; the log is its `unsealed.jsonl`
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; in that case the rows stay closed
   * @returns the rows, and earlier accesses by other runs
   */
  async open(
    output: string,
    run: string,
    time: string,
  ): Promise<{ readonly rows: readonly Example[]; readonly before: readonly TestSetAccess[] }> {
    const path = join(output, "unsealed.jsonl");
    const before = (await readAccesses(path)).filter((access) => access.rows === this.fingerprint);
    if (!before.some((access) => access.run === run)) {
      const access: TestSetAccess = { time, run, rows: this.fingerprint, count: this.count };
      await mkdir(output, { recursive: true });
      await appendLines(path, `${JSON.stringify(access)}\n`).catch((cause: unknown) => {
        throw problem(
          "RUN_FILE_WRITE_FAILED",
          { path, folder: output, reason: errorReason(cause) },
          { cause },
        );
      });
    }
    return { rows: this.#rows, before: before.filter((access) => access.run !== run) };
  }
}

async function readAccesses(path: string): Promise<TestSetAccess[]> {
  const bytes = await readRegularFile(path, maxLogBytes).catch(() => null);
  if (bytes === null) return [];
  return bytes
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        const access = JSON.parse(line) as Partial<TestSetAccess>;
        const isComplete = [access.time, access.run, access.rows].every((one) => typeof one === "string");
        return isComplete && typeof access.count === "number" ? [access as TestSetAccess] : [];
      } catch {
        return []; // a line truncated when the disk was full
      }
    });
}
