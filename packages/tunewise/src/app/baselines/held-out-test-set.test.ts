import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { HeldOutTestSet } from "./held-out-test-set.ts";

const rows = [{ messages: [], file: "a.jsonl", row: 1, line: 1 }];

test("rows open once per run, each look is on disk, and other runs' looks are told", async () => {
  const output = temporaryFolder();
  const sealed = new HeldOutTestSet(rows, "abc");
  const first = await sealed.open(output, "run-1", "2026-01-01T00:00:00.000Z");
  expect(first).toEqual({ rows, before: [] });
  await sealed.open(output, "run-1", "2026-01-02T00:00:00.000Z"); // the resumed run opens the rows again
  const other = await sealed.open(output, "run-2", "2026-01-03T00:00:00.000Z");
  expect(other.before).toEqual([{ time: "2026-01-01T00:00:00.000Z", run: "run-1", rows: "abc", count: 1 }]);
  await appendFile(join(output, "unsealed.jsonl"), '{"time": "cut o');
  const strange = await new HeldOutTestSet(rows, "xyz").open(output, "run-3", "2026-01-04T00:00:00.000Z");
  expect(strange.before).toEqual([]);
});

test("sealed rows do not show themselves", () => {
  expect(JSON.stringify(new HeldOutTestSet(rows, "abc"))).toBe('{"count":1,"fingerprint":"abc"}');
});
