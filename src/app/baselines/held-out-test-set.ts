/** @file Test rows that stay closed until the final comparison, with a log of every access. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Example } from "../../dataset/index.ts";
import { appendLines, errorReason } from "../../files/index.ts";
import { problem } from "../../problem/index.ts";
import type { TestSetAccess } from "../../report/index.ts";
import { readRegularFile } from "../../untrusted/index.ts";

/** Size limit of the access log: some hundred thousand entries. */
const maxLogBytes = 64 * 1024 * 1024;

/**
 * Held-out test rows. Code that selects candidates (numbers of examples, passages, prompts) never receives the opened
 * rows, so that a selection cannot depend on them.
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
   * @throws {TunewiseError} `RUN_FILE_WRITE_FAILED`; then the rows stay closed
   * @returns the rows, and earlier accesses by other runs
   */
  async open(
    output: string,
    run: string,
    time: string,
  ): Promise<{ readonly rows: readonly Example[]; readonly before: readonly TestSetAccess[] }> {
    const path = join(output, "unsealed.jsonl");
    const before = (await readAccesses(path)).filter((look) => look.rows === this.fingerprint);
    if (!before.some((look) => look.run === run)) {
      const look: TestSetAccess = { time, run, rows: this.fingerprint, count: this.count };
      await mkdir(output, { recursive: true });
      await appendLines(path, `${JSON.stringify(look)}\n`).catch((cause: unknown) => {
        throw problem(
          "RUN_FILE_WRITE_FAILED",
          { path, folder: output, reason: errorReason(cause) },
          { cause },
        );
      });
    }
    return { rows: this.#rows, before: before.filter((look) => look.run !== run) };
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
        const look = JSON.parse(line) as Partial<TestSetAccess>;
        const isComplete = [look.time, look.run, look.rows].every((one) => typeof one === "string");
        return isComplete && typeof look.count === "number" ? [look as TestSetAccess] : [];
      } catch {
        return []; // a line truncated by a full disk
      }
    });
}
