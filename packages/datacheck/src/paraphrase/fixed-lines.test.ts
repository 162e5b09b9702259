/** @file Lines that many rows share are not compared. */
import { expect, test } from "vitest";
import { withoutFixedLines } from "./fixed-lines.ts";

const fixed = "You are an assistant with access to these tools.";

test("fixed lines go, a row's own lines stay, and a row of fixed lines alone stays whole", () => {
  const texts = Array.from(
    { length: 12 },
    (_, row) => `${fixed}\nWhat is the height of tower number ${row}?`,
  );
  const all = withoutFixedLines([...texts, `${fixed}\n`, "What is the height of a tower?"]);
  expect(all[3]).toBe("What is the height of tower number 3?");
  expect(all.slice(-2)).toEqual([`${fixed}\n`, "What is the height of a tower?"]);
});

test("a line of a few rows is content", () => {
  const texts = Array.from({ length: 5 }, (_, row) => `${fixed}\nWhat is tower ${row}?`);
  expect(withoutFixedLines(texts)).toEqual(texts);
});
