import { expect, test } from "vitest";
import { Agreements, type ComparedRow } from "./agreement.ts";
import { indexWords } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";
import { WordTrails } from "./word-trail.ts";

const rows: ComparedRow[] = [
  { prompt: "Ann has 16 eggs and eats 3", answer: "16 - 3 = 13" },
  { prompt: "Bob has 2 cats", answer: "2" },
  { prompt: "Which bird sings?", answer: "The nightingale sings at dusk" },
];
const index = indexWords(
  rows.map(({ prompt, answer }) => `${prompt} ${answer}`),
  new WordReader(),
);
const agreements = new Agreements(rows, new WordTrails(index));
const between = (one: ComparedRow, other: ComparedRow): number =>
  agreements.between(agreements.of(one), agreements.of(other));
const asked = (prompt: string): ComparedRow => ({ prompt, answer: "" });
const eggs = { prompt: "Of sixteen eggs three are eaten", answer: "13, since 16 - 3 = 13" };

test("numbers in words and digits agree; other numbers count against a pair, none do not", () => {
  const same = between(asked("16 eggs, 3 eaten"), asked("Of sixteen eggs three are eaten"));
  const none = between(asked("eggs"), asked("eggs"));
  const other = between(asked("16 eggs, 3 eaten"), asked("40 eggs, 7 eaten"));
  expect(same).toBeGreaterThan(none);
  expect(none).toBeGreaterThan(other);
});

test("the same numbers in an answer count for a pair, others against it", () => {
  const [same, none, other] = [
    rows[0],
    { prompt: rows[0]?.prompt ?? "", answer: "" },
    { ...eggs, answer: "250" },
  ];
  expect(between(eggs, same as ComparedRow)).toBeGreaterThan(between({ ...eggs, answer: "" }, none));
  expect(between(other, same as ComparedRow)).toBeLessThan(between({ ...eggs, answer: "" }, none));
});

test("answers without numbers agree by their words", () => {
  const bird = { prompt: "Which bird sings?", answer: "At dusk it is the nightingale that sings" };
  const stone = { prompt: "Which bird sings?", answer: "Granite and marble" };
  expect(between(bird, rows[2] as ComparedRow)).toBeGreaterThan(between(stone, rows[2] as ComparedRow));
});
