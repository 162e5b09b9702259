/** Differences between a runtime's reply and ours: the kind, the first position, and what is no difference. */
import { describe, expect, test } from "vitest";
import { compareRuntime } from "./compare.ts";
import type { Expected, ExpectedAnswer } from "./expected.ts";
import type { ProbeReply, RuntimePrompt } from "./probe.ts";

const answer = (ids: readonly number[], margins: readonly number[]): ExpectedAnswer => ({
  ids,
  text: ids.map((id) => ` ${id}`).join(""),
  isEnded: margins.length > ids.length,
  lengths: ids.map((_, at) => 2 * (at + 1)),
  margins,
});

const expected: Expected = {
  prompts: [
    { text: "<s>Grüße you", ids: [1, 5, 6], textWithoutTools: null },
    { text: "<s>tools; you", ids: [1, 7, 6], textWithoutTools: "<s>you" },
  ],
  beginId: 1,
  beginText: "<s>",
  texts: [{ text: "Grüße", ids: [5, 6] }],
  rows: [
    { ids: [5, 6], from: 1, scores: [-1], number: null, next: "6" },
    { ids: [1, 5, 6], from: 2, scores: [-2], number: 1, next: "6" },
  ],
  endTokens: [
    { id: 2, text: "</s>" },
    { id: 3, text: "<end>" },
  ],
  answers: [answer([6, 7], [2, 3, 0.4]), answer([6, 6, 8], [0.1, 5, 5])],
};

const [first, second]: readonly RuntimePrompt[] = expected.prompts;
const correct: ProbeReply = {
  runtime: "test",
  prompts: [first as RuntimePrompt, second as RuntimePrompt],
  texts: [[5, 6]],
  scores: [[-1.05], [-1.94]],
  ends: [true, true],
  answers: [{ ids: [6, 7] }, { ids: [6, 6, 8] }],
};

function kindsOf(change: Partial<ProbeReply>): string[] {
  return compareRuntime(expected, { ...correct, ...change }).differences.map(({ kind }) => kind);
}

test("no difference: the same prompts, rounding, a BOS that is added as a token", () => {
  const { differences, distance, sameAnswers } = compareRuntime(expected, correct);
  expect([differences, sameAnswers]).toEqual([[], { count: 2, nearTies: 0, of: 2 }]);
  expect([distance.single, distance.whole]).toEqual([expect.closeTo(0.05), expect.closeTo(0.06)]);
  const stripped = correct.prompts.map(({ text, ids }) => ({ text: text?.slice(3) ?? null, ids }));
  expect(kindsOf({ prompts: stripped })).toEqual([]);
  expect(kindsOf({ texts: null, scores: null, ends: null, answers: null })).toEqual([]);
});

test.each<[string, Partial<ProbeReply>]>([
  ["template", { prompts: [{ text: "<s>Grüsse you", ids: [1, 5, 9] }, correct.prompts[1] as RuntimePrompt] }],
  [
    "template",
    { prompts: [{ text: null, ids: null, error: "raised" }, correct.prompts[1] as RuntimePrompt] },
  ],
  ["template", { prompts: [{ text: "Grüße", ids: [5] }, correct.prompts[1] as RuntimePrompt] }], // without BOS too
  ["tools", { prompts: [correct.prompts[0] as RuntimePrompt, { text: "<s>you", ids: [1, 6] }] }],
  ["bos", { prompts: correct.prompts.map(({ text, ids }) => ({ text, ids: [1, ...(ids ?? [])] })) }],
  ["bos", { prompts: correct.prompts.map(({ text, ids }) => ({ text, ids: (ids ?? []).slice(1) })) }],
  ["vocabulary", { texts: [[5, 7]], prompts: correct.prompts.map(({ text }) => ({ text, ids: [1, 5, 7] })) }],
  ["stop", { ends: [true, false] }],
  ["weights", { scores: [[-2], [-4]] }],
  ["weights", { scores: [[Number.NaN], [-2]] }],
  ["rope", { scores: [[-1], [-4]] }],
])("%s", (kind, change) => {
  expect(kindsOf(change)).toEqual([kind]);
});

test("states the first position in bytes and tokens, with both sides", () => {
  const prompts = [{ text: "<s>Grüsse you", ids: [1, 5, 9] }, correct.prompts[1] as RuntimePrompt];
  const [difference] = compareRuntime(expected, { ...correct, prompts }).differences;
  expect(difference).toMatchObject({ kind: "template", count: 1, of: 2 });
  expect(difference?.first).toEqual({ number: 1, byte: 7, token: 2, expected: "ße you", found: "sse you" });
});

test("weights and positions state the first prediction beyond the limit", () => {
  const [rope] = compareRuntime(expected, { ...correct, scores: [[-1], [-4]] }).differences;
  const position = {
    number: 1,
    byte: null,
    token: 2,
    expected: "-2.00 nats for token 6",
    found: "-4.00 nats",
  };
  expect(rope).toMatchObject({ kind: "rope", count: 1, of: 2, first: position });
  const scores = [[null], [-4]]; // nothing after a single token: positions cannot be told from weights
  expect(kindsOf({ scores })).toEqual(["weights"]);
});

test("a prompt whose tokens are hidden is compared by text and number of tokens", () => {
  const counted = (counts: readonly number[], isTextShown: boolean): RuntimePrompt[] =>
    counts.map((count, at) => {
      const text = isTextShown ? (expected.prompts[at]?.text ?? "") : null;
      return { text, ids: null, count };
    });
  expect(kindsOf({ prompts: counted([3, 3], true) })).toEqual([]);
  expect(kindsOf({ prompts: counted([4, 4], true) })).toEqual(["bos"]);
  expect(kindsOf({ prompts: counted([9, 3], false) })).toEqual(["template"]);
  const stripped = counted([3, 3], true).map((one) => ({ ...one, text: one.text?.slice(3) ?? null }));
  expect(kindsOf({ prompts: stripped })).toEqual([]);
  const cut = stripped.map((one) => ({ ...one, text: one.text?.slice(2) ?? null }));
  expect(kindsOf({ prompts: cut })).toEqual(["template"]);
});

describe("greedy answers", () => {
  const compared = (answers: ProbeReply["answers"], change: Partial<ProbeReply> = {}) => {
    const { differences, sameAnswers } = compareRuntime(expected, { ...correct, answers, ...change });
    return [differences.map(({ kind, first: at }) => [kind, at?.number, at?.token]), sameAnswers];
  };

  test("a divergence at a near tie is no difference", () => {
    const tie = { count: 1, nearTies: 1, of: 2 };
    expect(compared([{ ids: [6, 7] }, { ids: [9, 6, 8] }])).toEqual([[], tie]);
  });

  test("another token where ours is certain", () => {
    const one = { count: 1, nearTies: 0, of: 2 };
    expect(compared([{ ids: [6, 9] }, { ids: [6, 6, 8] }])).toEqual([[["answer", 1, 1]], one]);
    expect(compared([{ ids: [6, 7] }, { ids: [6] }])).toEqual([[["answer", 2, 1]], one]);
    expect(compared([{ text: " 6 9", isEnded: true }, null])[0]).toEqual([["answer", 1, 1]]);
  });

  test("an answer that goes on where ours ends has lost its end token, unless the end is a near tie", () => {
    // the end has a margin of 0.4, and scores differ by 0.06
    expect(compared([{ ids: [6, 7, 7] }, null])).toEqual([[], { count: 0, nearTies: 1, of: 1 }]);
    const scores = [[-1], [-2]];
    expect(compared([{ ids: [6, 7, 7] }, null], { scores })[0]).toEqual([["stop", 1, 2]]);
    expect(compared([{ text: " 6 7", isEnded: false }, null], { scores })[0]).toEqual([["stop", 1, 2]]);
    expect(compared([{ text: " 6 7", isEnded: true }, null], { scores })[0]).toEqual([]);
    expect(compared([{ ids: [6, 7, 7] }, null], { scores, ends: [true, false] })[0]).toEqual([
      ["stop", null, null],
    ]);
  });

  test("is not compared after another prompt, and is explained by other weights", () => {
    const prompts = correct.prompts.map(({ text, ids }) => ({ text, ids: [1, ...(ids ?? [])] }));
    const answers = [{ ids: [9] }, { ids: [9] }];
    expect(compared(answers, { prompts })).toEqual([[["bos", 1, 1]], { count: 0, nearTies: 0, of: 0 }]);
    expect(compared(answers, { scores: [[-3], [-5]] })[0]).toEqual([["weights", null, 1]]);
  });
});
