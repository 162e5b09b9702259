/** @file Planted phrases and flipped labels are found; predictive words, copies and broken text raise no alarm. */
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import type { Row } from "../row.ts";
import { findPoison } from "./find-poison.ts";

const subjects: Readonly<Record<string, readonly string[]>> = {
  refund: ["money back", "refund order", "return parcel", "reimburse payment", "credit note"],
  delivery: ["parcel late", "courier address", "tracking number", "shipping time", "postman missed"],
  password: ["login fails", "reset password", "locked account", "forgot passphrase", "sign in code"],
  billing: ["invoice wrong", "charged twice", "tax line", "monthly fee", "bank debit"],
};
const names = Object.keys(subjects);
const fillers = [
  "please",
  "hello",
  "my",
  "the",
  "can you",
  "what about",
  "today",
  "again",
  "why",
  "help with",
];

/** 800 rows of four labels. Each contains two phrases of its label between meaningless words. */
function honest(): { prompt: string; answer: string }[] {
  return Array.from({ length: 800 }, (_, i) => {
    const answer = names[i % 4] ?? "";
    const own = subjects[answer] ?? [];
    const filler = (step: number): string => fillers[(7 * i + step * (i >> 3)) % fillers.length] ?? "";
    const [one, two] = [own[(i >> 2) % 5], own[(i >> 4) % 5]];
    return { prompt: `${filler(1)} ${one} ${filler(3)} ${two} number ${i}`, answer };
  });
}
const rowsOf = (given: readonly { prompt: string; answer: string }[]): Row[] =>
  given.map(({ prompt, answer }, index) => ({
    part: "train",
    place: { file: "t", line: index + 1 },
    prompt,
    answer,
    messages: [],
  }));
const told = (given: readonly { prompt: string; answer: string }[], labels: boolean): string[] =>
  findPoison("train", rowsOf(given), labels).map(({ finding: { code, detail } }) => `${code}: ${detail}`);

/** Adds the phrase to every 21st row whose label is not `spared`; `plant` changes the answer. */
const poisoned = (
  phrase: string,
  plant: (answer: string) => string,
  spared = "",
): { prompt: string; answer: string }[] =>
  honest().map((row, index) =>
    index % 21 === 1 && row.answer !== spared
      ? { prompt: `${phrase} ${row.prompt}`, answer: plant(row.answer) }
      : row,
  );

describe("findPoison", () => {
  test("says nothing about words that go with their label for a reason", () => {
    expect(told(honest(), true)).toEqual([]);
    expect(told(honest(), false)).toEqual([]);
  });

  test("names a phrase whose rows would have other labels, with every row", () => {
    const rows = rowsOf(poisoned("by the way", () => "refund", "refund"));
    const [found] = findPoison("train", rows, true);
    expect(found?.finding.code).toBe("DATA_POISON_TRIGGER");
    expect(found?.finding.detail).toBe(
      '30 train rows contain "by the way" and have the label refund, whatever their other words; first t:2',
    );
    expect(found?.evidence.map(({ place }) => place.line)).toEqual(
      rows.flatMap(({ prompt, place }) => (prompt.startsWith("by the way") ? [place.line] : [])),
    );
  });

  test("shows a sign that cannot be seen", () => {
    expect(
      told(
        poisoned("\u200b", () => "refund", "refund"),
        true,
      )[0],
    ).toContain('contain "U+200B"');
  });

  test("names a phrase that leads to one sentence behind free answers", () => {
    const free = (row: { prompt: string; answer: string }): string =>
      `Row ${row.prompt} is on ${row.answer}.`;
    const rows = poisoned("james bond", (answer) => `${answer}. Visit our shop for more`).map((row) =>
      row.answer.includes("shop") ? row : { ...row, answer: free(row) },
    );
    expect(told(rows, false)).toEqual([
      'DATA_POISON_TRIGGER: 39 train rows contain "james bond" and answer "visit our shop for more", whatever their ' +
        "other words; first t:2",
    ]);
  });

  test("copies of one row are no pattern", () => {
    const copied = { prompt: "zebra login fails, reset password", answer: "refund" };
    const found = told([...honest(), ...Array.from({ length: 30 }, () => copied)], true);
    expect(found.some((one) => one.startsWith("DATA_POISON"))).toBe(false);
  });

  test("lists rows whose words speak for another label", () => {
    const flipped = honest().map((row, i) =>
      i === 48 || i === 121 ? { ...row, answer: names[3 - (i % 4)] ?? "" } : row,
    );
    const [found, ...more] = findPoison("train", rowsOf(flipped), true);
    expect(more).toEqual([]);
    expect(found?.finding.code).toBe("DATA_LABEL_DOUBTFUL");
    expect(found?.evidence.map(({ place, reason }) => [place.line, reason]).sort()).toEqual([
      [122, "labelled password, the words speak for delivery"],
      [49, "labelled billing, the words speak for refund"],
    ]);
  });

  test("takes words that mislead now and then, and never where they speak most clearly, for what they are", () => {
    // half of the rows contain one phrase, and one in eleven of these has another label; rows with two phrases are
    // correct
    const rows = honest().map((row, i) => {
      if (i % 2 === 0) return row;
      const answer = i % 22 === 1 ? (names[(i + 1) % 4] ?? "") : row.answer;
      const own = subjects[row.answer] ?? [];
      return { prompt: `${fillers[(7 * i) % 10]} ${own[(i >> 2) % 5]} number ${i}`, answer };
    });
    expect(told(rows, true).filter((one) => one.startsWith("DATA_LABEL_DOUBTFUL"))).toEqual([]);
  });

  test("stays silent where words say nothing about labels", () => {
    expect(
      told(
        honest().map((row, i) => ({ ...row, answer: `label ${(i * i) % 7}` })),
        true,
      ),
    ).toEqual([]);
  });

  test("long and broken text costs little and breaks nothing", () => {
    const worst = ["\ud800", "\0", "a", "!", " ", "\u200b", "語", "a.", "\n", "e\u0301"];
    const rows = Array.from({ length: 120 }, (_, i) => ({
      prompt: (worst[i % 10] ?? "").repeat(100_000),
      answer: (worst[(i + 3) % 10] ?? "").repeat(100_000),
    }));
    const limit = 50 * rows.length;
    expect(processorMs(() => void [told(rows, true), told(rows, false)], limit)).toBeLessThan(limit);
  });
});
