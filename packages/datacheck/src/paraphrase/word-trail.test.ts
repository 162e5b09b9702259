import { describe, expect, test } from "vitest";
import { indexWords } from "./word-index.ts";
import { WordReader } from "./word-reader.ts";
import { evidenceOf, spreadOf, WordTrails } from "./word-trail.ts";

const known = [
  "the red fox ran over the old bridge",
  "the blue whale sang",
  "the old man sang",
  "the red car ran",
];
const trails = new WordTrails(indexWords(known, new WordReader()));
const trail = (text: string) => trails.of(text, 0);
const spread = (one: string, other: string): number => spreadOf(trail(one), trail(other));
const evidence = (one: string, other: string): number => evidenceOf(trail(one), trail(other), trails.rarest);

describe("word trails", () => {
  test("name each word once, at its first place, by its stem", () => {
    const { weights, total } = trail("foxes and a fox");
    expect(weights.size).toBe(3);
    expect([...weights.values()].reduce((a, b) => a + b)).toBeCloseTo(total);
  });

  test("weigh what only the row itself has as unknown", () => {
    const [whale] = trails.of("whale", 1).weights.values();
    expect(whale).toBeCloseTo(trails.rarest / 2);
    expect([...trails.of("old", 1).weights.values()][0]).toBe([...trail("old").weights.values()][0]);
  });

  test("a shared phrase reaches less far than as many words spread over both rows", () => {
    const row = "red fox whale bridge car man";
    const quoted = spread(row, "red fox whale apple pear plum");
    const reworded = spread(row, "apple red pear fox plum whale".split(" ").reverse().join(" "));
    const scattered = spread("red apple fox pear whale plum", "fox kiwi whale lime red fig");
    expect(scattered).toBeGreaterThan(quoted + 0.1);
    expect(reworded).toBeGreaterThan(quoted);
  });

  test("order and what is repeated do not count", () => {
    expect(spread(known[0] as string, "bridge old the over ran fox red, bridge")).toBe(1);
  });

  test("nothing shared, nothing said", () => {
    expect(spread("red fox", "blue whale")).toBe(0);
    expect(evidence("red fox", "blue whale")).toBe(0);
    expect(spread("", "")).toBe(0);
    expect(evidence("", "")).toBe(0);
  });

  test("many or rare words say more, one as rare as an unknown word a half", () => {
    expect(evidence("the", "the")).toBeLessThan(evidence("whale", "whale"));
    expect(evidence("whale", "whale")).toBeLessThan(evidence("whale fox", "fox whale"));
    const one = { weights: new Map([[1, 2]]), total: 2 };
    expect(evidenceOf(one, one, 2)).toBe(0.5);
  });
});
