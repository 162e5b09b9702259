/** The architecture page's search words occur in the files that they should lead to. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { readText } from "./sources.ts";

const section =
  /## Where things are\n([\s\S]*?)\n\n(?!\|)(?=More)/.exec(readText("docs/ARCHITECTURE.md"))?.[1] ?? "";
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (looked|---)/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, name = "", search = "", found = "", hops = ""]) => ({
    name,
    words: /`([^`]+)`/.exec(search)?.[1] ?? "",
    files: [...found.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file),
    hops: Number(hops),
  }));

test("there are at least twelve look-ups, of two hops or fewer", () => {
  expect(rows.length).toBeGreaterThanOrEqual(12);
  for (const { name, hops } of rows) expect(hops, name).toBeLessThanOrEqual(2);
});

test.each(rows)("$name is found by its words", ({ words, files, hops }) => {
  expect(words).not.toBe("");
  expect(files.length).toBeGreaterThan(0);
  for (const [at, file] of files.entries()) {
    expect(existsSync(file), file).toBe(true);
    // with a second hop, the file behind it need not contain the words
    if (hops === 1 || at === 0) expect(readText(file).toLowerCase()).toContain(words.toLowerCase());
  }
});
