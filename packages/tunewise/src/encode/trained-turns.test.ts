/** @file Tests which turns have loss: all, the last, by weight, and with templates that rewrite earlier turns. */
import { readFileSync } from "node:fs";
import type { Example, Message } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { describe, expect, test } from "vitest";
import type { Finding } from "../problem/index.ts";
import { type EncodedExamples, type EncodeOptions, encodeExamples } from "./encode.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
const files: { tokenizer: unknown; config: object } = JSON.parse(readFileSync(golden, "utf8"));

/** The tokenizer with the given chat template. */
function templated(template: string): Tokenizer {
  return createTokenizer({ ...files, chatTemplate: template, endIds: [] });
}

const header = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}";
const footer =
  "{{ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
const chatMl = templated(`${header}{{ message.content }}${footer}`);
/** Keeps thoughts in the last turn only, as Qwen3 does. */
const forgetful = templated(
  `${header}{% if loop.last %}{{ message.content }}{% else %}{{ message.content.split('</think>')[-1] }}{% endif %}${footer}`,
);
/** Turns have no end token of their own: one end token follows the whole conversation. */
const endsOnce = templated(
  "{% for message in messages %}{{ message.role + ': ' + message.content + '\n' }}{% if loop.last and message.role == 'assistant' %}{{ '<|im_end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}",
);

const options: EncodeOptions = {
  maxLength: 1_000,
  overflow: "truncate",
  loss: "completion",
  trainOn: "all",
  reasoning: "train",
};

function conversation(...turns: readonly (string | { readonly context: string })[]): Example {
  const messages = turns.map((turn, index): Message => {
    const role = index % 2 === 0 ? "user" : "assistant";
    return typeof turn === "string" ? { role, content: turn } : { role, content: turn.context, weight: 0 };
  });
  return { messages, file: "d.jsonl", row: 1, line: 1 };
}

/** Runs of text with loss. */
function learned(tokenizer: Tokenizer, { rows: [row] }: EncodedExamples): string[] {
  const runs: number[][] = [];
  for (const [at, id] of row?.ids.entries() ?? []) {
    if (row?.labelled[at] !== 1) continue;
    if (row.labelled[at - 1] === 1) runs.at(-1)?.push(id);
    else runs.push([id]);
  }
  return runs.map((ids) => tokenizer.decode(ids));
}

function concerns({ findings }: EncodedExamples): Finding[] {
  return findings.filter(({ severity }) => severity !== "note");
}

const two = conversation("Hi", "first answer", "And?", "ok 7");

describe("turns with loss", () => {
  test.each<[string, Example, Partial<EncodeOptions>, string[], number[]]>([
    ["all answers", two, {}, ["first answer<|im_end|>", "ok 7<|im_end|>"], [2, 0, 0]],
    ["the last one", two, { trainOn: "last", reasoning: "train" }, ["ok 7<|im_end|>"], [1, 0, 1]],
    ["not those of weight 0", conversation("a", { context: "b" }, "c", "d"), {}, ["d<|im_end|>"], [1, 1, 0]],
    [
      "weights beside `last`",
      conversation("a", { context: "b" }, "c", "d", "e", "f"),
      { trainOn: "last", reasoning: "train" },
      ["f<|im_end|>"],
      [1, 1, 1],
    ],
    [
      "prompts too, and no turn of weight 0",
      conversation("a", { context: "b" }, "c", "d"),
      { loss: "all" },
      ["user\na<|im_end|>\n<|im_start|>assistant\n", "\n<|im_start|>user\nc"],
      [1, 1, 0],
    ],
    ["only what fits", two, { maxLength: 20 }, ["first answer<|im_end|>"], [1, 0, 0]],
  ])("%s", (_, row, change, texts, [trained, weightZero, beforeLast]) => {
    const encoded = encodeExamples([row], chatMl, { ...options, ...change });
    const found = learned(chatMl, encoded);
    for (const [at, text] of texts.entries()) expect(found[at]).toContain(text);
    expect(found).toHaveLength(texts.length);
    expect(encoded.statistics.turns).toEqual({ trained, weightZero, beforeLast, changed: 0 });
  });

  test("a conversation is cut after the last answer that fits, and a test row at the limit", () => {
    const row = conversation("Hi", "first answer", "And?", "a second answer that is long", "So?", "ok");
    const lengthAt = (maxLength: number, change: Partial<EncodeOptions> = {}): number | undefined =>
      encodeExamples([row], chatMl, { ...options, maxLength, ...change }).rows[0]?.ids.length;
    const ends = [2, 4].map((turns) => {
      const part = encodeExamples([{ ...row, messages: row.messages.slice(0, turns) }], chatMl, options);
      return (part.rows[0]?.labelled.lastIndexOf(1) ?? 0) + 1;
    });
    const [first = 0, second = 0] = ends;
    expect([first, first + 1, second - 1].map((max) => lengthAt(max))).toEqual([first, first, first]);
    expect([lengthAt(second), lengthAt(second + 3)]).toEqual([second, second]);
    expect(lengthAt(first - 1)).toBe(first - 1); // no answer fits
    expect(lengthAt(second - 1, { loss: "all" })).toBe(second - 1);
    const whole = lengthAt(1_000) ?? 0;
    expect(lengthAt(whole - 2, { isAsked: true })).toBe(whole - 2);
    const cut = encodeExamples([row], chatMl, { ...options, maxLength: second - 1 });
    expect(learned(chatMl, cut)).toEqual(["first answer<|im_end|>"]);
    expect(cut.statistics).toMatchObject({ truncated: 1, turns: { trained: 1 } });
  });

  test("a greeting of the assistant is trained from its first token, also where templates need a message", () => {
    const messages: readonly Message[] = [
      { role: "assistant", content: "Welcome!" },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Yes?" },
    ];
    const row: Example = { messages, file: "d.jsonl", row: 1, line: 1 };
    const strict = templated(
      `{% if messages[0]['role'] == 'system' %}x{% endif %}${header}{{ message.content }}${footer}`,
    );
    for (const tokenizer of [chatMl, strict]) {
      const encoded = encodeExamples([row], tokenizer, options);
      expect(learned(tokenizer, encoded)).toEqual(["Welcome!<|im_end|>", "Yes?<|im_end|>"]);
      expect(concerns(encoded)).toEqual([]);
    }
  });

  test("a turn has loss exactly where it would have loss at the end of its row", () => {
    const row = conversation("What is it?", "A <b>.", "Why?", " Because\n", "So?", "é 😀.");
    const whole = encodeExamples([row], chatMl, options).rows[0];
    const union = new Uint8Array(whole?.ids.length ?? 0);
    for (const end of [2, 4, 6]) {
      const part = { ...row, messages: row.messages.slice(0, end) };
      const alone = encodeExamples([part], chatMl, { ...options, trainOn: "last", reasoning: "train" })
        .rows[0];
      for (const [at, label] of alone?.labelled.entries() ?? []) {
        if (label !== 1) continue;
        union[at] = 1;
        expect(whole?.ids[at]).toBe(alone?.ids[at]);
      }
    }
    expect([...(whole?.labelled ?? [])]).toEqual([...union]);
  });

  test("a single answer is trained alike under either setting", () => {
    const row = conversation("a", "b");
    const [all, last] = (["all", "last"] as const).map((trainOn) =>
      encodeExamples([row], chatMl, { ...options, trainOn }),
    );
    expect(all).toEqual(last);
  });

  test.each([
    ["removes thoughts", forgetful, conversation("a", "<think>x</think>b", "c", "<think>y</think>d")],
    ["ends the conversation, not the turn", endsOnce, conversation("a", "b", "c", "d")],
  ])("a template that %s: earlier turns have no loss, and a finding", (_, tokenizer, row) => {
    const encoded = encodeExamples([row], tokenizer, options);
    expect(learned(tokenizer, encoded)).toEqual([
      `${row.messages[3]?.content}`.concat(_.startsWith("ends") ? "\n<|im_end|>" : "<|im_end|>"),
    ]);
    expect(encoded.statistics.turns).toEqual({ trained: 1, weightZero: 0, beforeLast: 0, changed: 1 });
    expect(concerns(encoded)).toMatchObject([
      { code: "DATA_TURN_CHANGED", severity: "warning", count: 1, where: [{ row: 1 }] },
    ]);
    expect(concerns(encoded)[0]?.detail).toContain("turn 2");
  });

  test("an earlier turn without text has nothing to learn", () => {
    const encoded = encodeExamples([conversation("a", " ", "b", "c")], chatMl, options);
    expect(learned(chatMl, encoded)).toEqual(["c<|im_end|>"]);
  });

  test("a test row whose last answer does not fit is not asked, though an earlier answer fits", () => {
    const cut = { ...options, maxLength: 20 };
    expect(encodeExamples([two], chatMl, cut).rows).toHaveLength(1);
    const asked = encodeExamples([two], chatMl, { ...cut, isAsked: true });
    expect(asked.rows).toHaveLength(0);
    expect(concerns(asked)).toMatchObject([{ code: "DATA_ANSWER_CUT", count: 1 }]);
  });
});
