import fc from "fast-check";
import { expect, test } from "vitest";
import { createStopFinder } from "./generate-answer.ts";

/** Texts emitted after each piece, then the rest. */
function shown(stops: readonly string[], pieces: readonly string[]): string[] {
  const finder = createStopFinder(stops);
  const texts: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = finder.add(piece);
    texts.push(text);
    if (stopped) return [...texts, "STOP"];
  }
  return [...texts, finder.end()];
}

test.each<[string, string[], string[], string[]]>([
  ["no stop", [], ["ab", "c"], ["ab", "c", ""]],
  ["in one piece", ["\n"], ["ab\ncd"], ["ab", "STOP"]],
  ["across pieces", ["END"], ["a E", "N", "D b"], ["a ", "", "", "STOP"]],
  ["a beginning that leads nowhere", ["END"], ["aEN", "x"], ["a", "ENx", ""]],
  ["a beginning at the very end", ["END"], ["aEN"], ["a", "EN"]],
  ["the earliest of several", ["c", "b"], ["abc"], ["a", "STOP"]],
  ["a beginning within a beginning", ["aab"], ["aa", "ab"], ["", "a", "STOP"]],
])("%s", (_, stops, pieces, texts) => {
  expect(shown(stops, pieces)).toEqual(texts);
});

test("however a text is cut into pieces, it ends before its first stop", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });
  const property = fc.property(fc.array(letters), fc.array(letters, { maxLength: 3 }), (pieces, stops) => {
    const whole = pieces.join("");
    const texts = shown(stops, pieces);
    const places = stops.map((stop) => whole.indexOf(stop)).filter((place) => place >= 0);
    expect(texts.at(-1) === "STOP").toBe(places.length > 0);
    const text = texts.filter((one) => one !== "STOP").join("");
    // a stop sequence may be completed before another that starts earlier
    if (places.length > 0) expect(whole.startsWith(text)).toBe(true);
    else expect(text).toBe(whole);
    for (const stop of stops) expect(text).not.toContain(stop);
  });
  fc.assert(property);
});
