import { expect, test } from "vitest";
import { constrainToJson } from "./constraint.ts";
import { TokenVocabulary } from "./vocabulary.ts";

const texts = ["[", "]", '"', ",", "a".repeat(200), "a", "ä", "true", "tr", "ue", "1"];
const vocabulary = new TokenVocabulary([null, ...texts.map((text) => Buffer.from(text)), Buffer.from("a")]);
const id = (text: string): number => texts.indexOf(text) + 1;
const marked = (marks: Uint8Array): string[] =>
  [...marks.keys()].filter((token) => marks[token] === 1).map((token) => texts[token - 1] ?? `${token}`);

test("tokens of several bytes are allowed as a whole, equal ones alike, special ones never", () => {
  const state = constrainToJson(
    { anyOf: [{ type: "boolean" }, { type: "string", maxLength: 2 }] },
    vocabulary,
  ).begin();
  expect(marked(state.allowed())).toEqual(['"', "true", "tr"]);
  state.add(id("tr"));
  expect(marked(state.allowed())).toEqual(["ue"]);
  expect([state.mayEnd, state.isComplete, state.allows(0)]).toEqual([false, false, false]);
  state.add(id("ue"));
  expect([state.mayEnd, state.isComplete]).toEqual([true, true]);
  const text = constrainToJson({ type: "string", maxLength: 2 }, vocabulary).begin();
  text.add(id('"'));
  expect(marked(text.allowed())).toEqual(
    ["[", "]", '"', ",", "a", "ä", "true", "tr", "ue", "1", "12"].filter((one) => one !== "true"),
  );
});

test("a number may end and may go on", () => {
  const state = constrainToJson({ type: "integer" }, vocabulary).begin();
  state.add(id("1"));
  expect([state.mayEnd, state.isComplete, state.allows(id("1"))]).toEqual([true, false, true]);
});

test("counts hold over answers with more states than are kept", () => {
  const length = 100_000;
  const strings = {
    type: "array",
    items: { type: "string", minLength: length, maxLength: length },
    maxItems: 3,
  };
  const constraint = constrainToJson(strings, vocabulary);
  const [state, other] = [constraint.begin(), constraint.begin()];
  other.add(id("["));
  for (let item = 0; item < 3; item++) {
    state.add(id(item === 0 ? "[" : ","));
    state.add(id('"'));
    for (let count = 0; count < length; count += 200) state.add(id("a".repeat(200)));
    expect(marked(state.allowed())).toEqual(['"']);
    state.add(id('"'));
  }
  expect(marked(state.allowed())).toEqual(["]"]);
  // an answer that was started earlier still continues
  expect(marked(other.allowed())).toEqual(["]", '"']);
  other.add(id("]"));
  expect(other.isComplete).toBe(true);
});

test("alternatives that stay side by side are refused, and nothing runs away", () => {
  const objects = Array.from({ length: 500 }, (_, at) => ({
    type: "array",
    items: { type: "string", maxLength: at + 1 },
    minItems: 1,
  }));
  const state = constrainToJson({ anyOf: objects }, vocabulary).begin();
  state.add(id("["));
  expect(() => state.allowed()).toThrow(expect.objectContaining({ code: "SCHEMA_UNSUPPORTED" }));
});
