/** @file Tests passages that documents share, and the checks of documents. */
import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { inspectRows, repeatsIn } from "../inspect-rows.ts";

/** Words that occur in no other text. */
const words = (name: string, count: number): string =>
  Array.from({ length: count }, (_, at) => `${name}${at}`).join(" ");

function documents(file: string, ...texts: readonly string[]): Example[] {
  return texts.map((content, at) => ({
    messages: [{ role: "assistant", content }],
    isDocument: true,
    file,
    row: at + 1,
  }));
}

const none = { labels: false, depth: "full", benchmarks: new Map() } as const;
const found = (train: readonly string[], test: readonly string[]) =>
  repeatsIn({ train: documents("t", ...train), validation: [], test: documents("e", ...test) }, none)
    .filter(({ finding }) => finding.code === "DATA_PASSAGE_SHARED")
    .flatMap(({ evidence }) => evidence.map(({ place, reason }) => `${place.file}:${place.row} ${reason}`));

test.each([0, 1, 7, 24, 25, 49])("a passage of 50 words is found %s words into the documents", (shift) => {
  const passage = words("p", 50);
  const train = [words("a", 300), `${words("b", shift)} ${passage} ${words("c", 400)}`];
  const test = [words("d", 200), `${words("e", 2 * shift)} ${passage.toUpperCase()}! ${words("f", 300)}`];
  expect(found(train, test)).toEqual(["e:2 shares 50 consecutive words with t row 2"]);
});

test("the longest passage is reported, and shorter ones are not", () => {
  const [long, short] = [words("l", 120), words("s", 49)];
  expect(found([`${words("a", 200)} ${short}`], [`${words("b", 200)} ${short}`])).toEqual([]);
  const train = [`${words("a", 300)} ${words("m", 60)} ${words("b", 300)}`, `${long} ${words("c", 300)}`];
  const test = [`${words("d", 300)} ${words("m", 60)} ${words("e", 300)} ${long}`];
  expect(found(train, test)).toEqual(["e:1 shares 120 consecutive words with t row 2"]);
});

test("texts of one repeated word take linear time", () => {
  const text = "so ".repeat(30_000);
  const start = performance.now();
  expect(found([text, text], [`${text} end`])).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(10_000);
});

test("documents are checked for repeats, secrets and their amount, and not as answers", async () => {
  const key = `AKIA${"QYLPMN5HFDS3KVT2"}`;
  const page = words("w", 200);
  const train = documents("t", page, page, `${words("k", 100)} aws_key = "${key}"`);
  const seen = await inspectRows({ train, validation: [], test: documents("e", page) }, none);
  expect(seen.map(({ finding }) => `${finding.severity} ${finding.code} ${finding.count}`).sort()).toEqual([
    "error DATA_SECRET 1",
    "note DATA_TOO_LITTLE_TEXT 1",
    "warning DATA_DUPLICATE_ROWS 1",
    "warning DATA_LEAK 1",
    "warning DATA_PASSAGE_SHARED 1",
  ]);
  const exact = await inspectRows({ train, validation: [], test: [] }, { ...none, depth: "exact" });
  expect(exact.map(({ finding }) => finding.code)).toEqual(["DATA_DUPLICATE_ROWS"]);
});
