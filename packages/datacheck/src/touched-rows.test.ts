/** @file Which rows a fix changes: training rows are dropped, held-out rows stay, and one row may have two changes. */
import { expect, test } from "vitest";
import { observe } from "./observation.ts";
import { touchedRows } from "./touched-rows.ts";

const at = (file: string, row: number): { file: string; row: number } => ({ file, row });

test("duplicates go, twins of held-out rows go, secrets are redacted, the rest is left alone", () => {
  const about = { split: "train", other: "train", percent: "1", first: "a" };
  const touched = touchedRows([
    observe("DATA_DUPLICATE_ROWS", "warning", about, [
      { place: at("t", 3), reason: "the prompt of t:1", other: at("t", 1), remedy: "drop" },
      { place: at("t", 4), reason: "the prompt of t:1", other: at("t", 1) },
    ]),
    observe("DATA_LEAK", "warning", about, [
      { place: at("e", 1), reason: "the prompt of t:2", other: at("t", 2), remedy: "drop-other" },
    ]),
    observe("DATA_ANSWER_SHORT", "warning", about, [
      { place: at("t", 3), reason: "a key", remedy: "redact" },
      { place: { file: "t" }, reason: "no row", remedy: "drop" },
    ]),
  ]);
  expect([...touched.keys()]).toEqual(["t"]);
  expect(
    [...(touched.get("t") ?? [])].map(([line, touches]) => [line, touches.map(({ action }) => action)]),
  ).toEqual([
    [3, ["drop", "redact"]],
    [2, ["drop"]],
  ]);
  expect(touched.get("t")?.get(2)?.[0]).toEqual({
    action: "drop",
    code: "DATA_LEAK",
    reason: "e row 1 has the prompt of t:2",
    other: at("e", 1),
  });
});
