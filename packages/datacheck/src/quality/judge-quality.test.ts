/** @file Each fault with a handmade case and a look-alike without the fault, and the published data sets. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Message } from "@tunewise/core/rows";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../../../test/support/processor-time.ts";
import type { Part, Row } from "../row.ts";
import { damageOf } from "./damaged-text.ts";
import { judgeQuality } from "./judge-quality.ts";
import { languageOf } from "./language.ts";

const places = [
  "the old town",
  "a village",
  "my garden",
  "her school",
  "the harbour",
  "this museum",
  "our office",
];
const verbs = ["opens", "closes", "moved", "burned", "was sold", "needs paint", "has a roof", "lost its key"];

/** Valid rows of plain English, all different. */
function sound(count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [
    `Question ${i}: what is it that ${verbs[i % 8]} in the north?`,
    `It is ${places[i % 7]} number ${i} that ${verbs[(i >> 2) % 8]}, and this is how you can find it.`,
  ]);
}
function turnsRow(index: number, messages: readonly Message[], part: Part = "train"): Row {
  const asked = messages.slice(0, -1).filter(({ role }) => role !== "system");
  return {
    part,
    place: { file: part, line: index + 1 },
    messages,
    prompt: asked.map(({ content }) => content).join("\n"),
    answer: messages.at(-1)?.content ?? "",
  };
}
function rowsOf(pairs: readonly (readonly [string, string])[], part: Part = "train"): Row[] {
  return pairs.map(([content, answer], index) =>
    turnsRow(
      index,
      [
        { role: "user", content },
        { role: "assistant", content: answer },
      ],
      part,
    ),
  );
}
function judged(rows: readonly Row[], labels = false, test: readonly Row[] = []): string[] {
  return judgeQuality({ train: rows, validation: [], test }, labels).flatMap(({ finding, evidence }) =>
    evidence.map(({ place, reason }) => `${finding.code} ${place.line ?? ""}: ${reason}`),
  );
}
const among = (...pairs: [string, string][]): string[] => judged(rowsOf([...pairs, ...sound(120)]));

describe("judgeQuality", () => {
  test("says nothing about sound rows", () => expect(judged(rowsOf(sound(120)))).toEqual([]));

  test.each<[string, [string, string]]>([
    ["an emoji that was asked for", ["answer with emojis that show how you feel", "\u{1F60A}".repeat(30)]],
    [
      "a translation",
      [
        "Translate it into French: where is it that you live",
        "C'est dans une ville que je vis avec les amis et pour vous.",
      ],
    ],
    [
      "a name to fill in",
      ["Write an email that declines the offer of a job.", "Dear Ms Doe, thank you. Regards, [Your Name]"],
    ],
    [
      "an AI that plays itself",
      ["Play a robot that visits a park for the first time.", "I am an AI, and the park is loud."],
    ],
  ])("says nothing about %s", (_, pair) => expect(among(pair)).toEqual([]));

  test.each<[string, [string, string]]>([
    [
      'DATA_TEMPLATE_LEFTOVER 1: "<|im_start|>" in a turn of user',
      ["<|im_start|>user what is that thing", "It is a cup."],
    ],
    [
      'DATA_TEMPLATE_LEFTOVER 1: "[INST]" in a turn of assistant',
      ["what is that thing", "[INST] It is a cup."],
    ],
    [
      'DATA_TEMPLATE_LEFTOVER 1: "### Response:" in a turn of assistant',
      ["what is that", "x\n### Response:\nIt is a cup."],
    ],
    [
      "DATA_TEMPLATE_LEFTOVER 1: a dialogue of both sides in one answer",
      ["what", "Yes.\nHuman: and then?\nAssistant: Nothing more."],
    ],
    [
      'DATA_PLACEHOLDER_LEFT 1: "{name}" in a turn of user',
      ["Hello {name}, what is your offer", "It is a cup of tea."],
    ],
    [
      'DATA_PLACEHOLDER_LEFT 1: "{{question}}" in a turn of user',
      ["{{question}}", "It is a cup of tea for two."],
    ],
    [
      'DATA_PLACEHOLDER_LEFT 1: "[INSERT COMPANY NAME]" in a turn of assistant',
      ["who is it", "It is [INSERT COMPANY NAME] as always."],
    ],
    ['DATA_PLACEHOLDER_LEFT 1: "undefined" as the answer', ["who is it that has three letters", "undefined"]],
    [
      "DATA_ANSWER_ECHO 1: the answer is the prompt",
      ["Please say what is in this box now", "Please say what is in  this box now"],
    ],
    ['DATA_ANSWER_TRUNCATED 1: ends with "the"', ["why so", "It was on the other side of the"]],
    [
      "DATA_ANSWER_TRUNCATED 1: a block of code is not closed",
      ["how so", "Here it is, as you asked for:\n```js\nlet a = 1;"],
    ],
    [
      'DATA_ANSWER_BOILERPLATE 1: "As an AI language model,"',
      ["why so", "As an AI language model, I have no view on this."],
    ],
    ['DATA_ANSWER_BOILERPLATE 1: "I can\'t help"', ["why so", "I'm sorry, but I can't help with that one."]],
    [
      'DATA_TEXT_DAMAGED 1: "Ã©": UTF-8 read as Windows-1252',
      ["what is a cafÃ© in the town", "It is a place to sit."],
    ],
    [
      "DATA_TEXT_DAMAGED 1: a replacement character (U+FFFD)",
      ["what is a caf\ufffd in the town", "It is a place to sit."],
    ],
    [
      'DATA_TEXT_DAMAGED 1: "&quot;": an HTML entity',
      ["what is a &quot;cup&quot; for", "It is a thing for tea."],
    ],
    [
      "DATA_TEXT_DAMAGED 1: \\n written out: a line break escaped twice",
      ["what is it", "It is a cup.\\nIt is a thing for tea."],
    ],
    [
      "DATA_LANGUAGE_MIXED 1: in German",
      ["Wie ist das mit der Miete und was ist für mich zu tun?", "Das ist nicht zu klären."],
    ],
    [
      "DATA_LANGUAGE_MIXED 1: asked in English, answered in French",
      ["what is it that you have for me", "Je ne suis pas dans la maison et elle est avec vous"],
    ],
    [
      "DATA_LENGTH_OUTLIER 1: prompt of 30000 characters, the median has 50",
      ["why so x. ".repeat(3_000), "It is a cup of tea."],
    ],
  ])("%s", (expected, pair) => expect(among(pair)).toEqual([expected]));

  test.each<[string, [string, string]]>([
    ["code with braces", ["how do I greet", 'Use this: `print(f"Hello {name}")` and it is done.']],
    ["a word like a marker", ["what is a list", "It is [a, b], and <b>that</b> is all there is."]],
    ["entities in markup", ["how do I write it", "<p>Fish &amp; chips</p>"]],
    ["accents and symbols", ["what is São Paulo in Âge de fer, 20 °C", "A city; NÃO, the naïve café."]],
    ["a title that ends in a list", ["what have you", "There are three kinds:\n- the first\n- the second"]],
    [
      "a word for nothing that the question is about",
      ["what is an undefined value called in JS", "undefined"],
    ],
    ["a word for nothing that code prints", ["what does `let a;\nprint(a)` print", "undefined"]],
    ["sorry for something else", ["why so", "I'm sorry to hear that; here is what you can do."]],
  ])("lets %s pass", (_, pair) => expect(among(pair)).toEqual([]));

  test("turns that do not take turns, a repeated system prompt", () => {
    const user: Message = { role: "user", content: "What is in the box, and how many of them?" };
    const system: Message = { role: "system", content: "You are the clerk of a small shop for boxes." };
    const bot: Message = { role: "assistant", content: "There are three." };
    const rows = [
      turnsRow(0, [user, user, bot]),
      turnsRow(1, [bot, user, bot]),
      turnsRow(2, [system, user, { ...bot, content: `Sure. ${system.content} There are three.` }]),
      turnsRow(3, [user, system, bot]),
      turnsRow(4, [
        user,
        { ...bot, toolCalls: [{ name: "f", arguments: {} }] },
        { role: "tool", content: "3" },
        bot,
      ]),
    ];
    expect(
      judged([...rows, ...rowsOf(sound(120))]).filter((one) => !one.startsWith("DATA_ANSWERS_DIFFER")),
    ).toEqual([
      "DATA_TURNS_ODD 1: turns 1 and 2 are both user",
      "DATA_TURNS_ODD 2: the assistant speaks first",
      "DATA_TURNS_ODD 4: turn 2 is the system's",
      "DATA_ANSWER_ECHO 3: the answer contains the system prompt",
    ]);
  });

  test("answers of one greatest length, and JSON that the others keep whole", () => {
    const long = sound(120).map(([q], i): [string, string] => [
      q,
      `${i} ${"word ".repeat(30 + i)}`.slice(0, 200),
    ]);
    const cut = judged(rowsOf(long)).filter((one) => one.includes("exactly 200"));
    expect(cut.length).toBe(long.filter(([, { length }]) => length === 200).length);
    const calls = sound(120).map(([q], i): [string, string] => [
      q,
      `<tool_call>\n{"name": "order_status", "arguments": {"order": "L-${1000 + i}", "with": "details"}}\n</tool_call>`,
    ]);
    expect(judged(rowsOf(calls)).filter((one) => one.startsWith("DATA_ANSWER_TRUNCATED"))).toEqual([]);
    const json = sound(120).map(([q], i): [string, string] => [q, `{"number": ${i}${i === 7 ? "" : "}"}`]);
    expect(judged(rowsOf(json))).toEqual(["DATA_ANSWER_TRUNCATED 8: JSON that ends too early or is broken"]);
  });

  test("one answer for many prompts, and answers that begin alike", () => {
    const same = sound(6).map(([q], i): [string, string] => [
      `${q} ${i}!`,
      "Please ask our support about it.",
    ]);
    expect(among(...same).map((one) => one.split(":")[0])).toEqual(
      [1, 2, 3, 4, 5, 6].map((line) => `DATA_ANSWER_REPEATED ${line}`),
    );
    const alike = sound(120).map(([q, a]): [string, string] => [q, `Sure! Here is what I know. ${a}`]);
    expect(new Set(judged(rowsOf(alike)).map((one) => one.split(" ")[0]))).toEqual(
      new Set(["DATA_ANSWERS_BEGIN_ALIKE"]),
    );
  });

  test("spellings of a label, labels seen once", () => {
    const labels = ["refund", "delivery", "level_1", "level_2", "bank_transfer"];
    const rows = sound(120).map(([q], i): [string, string] => [q, labels[i % 5] ?? ""]);
    const slips = ["Refund", "refund ", "refunds", "bank_tranfser", "shop"].map(
      (label, i): [string, string] => [`A question that is like no other ${i}`, label],
    );
    expect(judged(rowsOf([...slips, ...rows]), true).filter((one) => !/UNBALANCED/.test(one))).toEqual([
      'DATA_LABEL_SPELLINGS 1: "Refund" beside "refund"',
      'DATA_LABEL_SPELLINGS 2: "refund " beside "refund"',
      'DATA_LABEL_SPELLINGS 3: "refunds" beside "refund"',
      'DATA_LABEL_SPELLINGS 4: "bank_tranfser" beside "bank_transfer"',
      "DATA_LABEL_RARE 5: the only row labelled shop",
    ]);
  });

  test("too few rows to learn from", () => {
    const few = rowsOf([["why so", "As an AI language model, I know."], ...sound(99)]);
    expect(judged(few)).toContain("DATA_TOO_FEW_ROWS : 99 different clean rows");
    expect(judgeQuality({ train: rowsOf(sound(120)), validation: [], test: [] }, false)).toEqual([]);
  });

  test("no text breaks it, and long text costs little", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }))),
        (pairs) => {
          judged(rowsOf(pairs));
          judged(rowsOf(pairs), true);
        },
      ),
      { numRuns: 50 },
    );
    for (const worst of [
      "{",
      "[your ",
      "<|",
      "&#",
      "Ã",
      " ",
      "\\n",
      "`",
      "```\n",
      "a(",
      "select ",
      "= ",
      "<a ",
      "\n",
      "the ",
    ]) {
      const text = worst.repeat(100_000 / worst.length);
      expect(
        processorMs(() => void judged(rowsOf([[text, text]])), 150),
        worst,
      ).toBeLessThan(150);
    }
  });
});

test.each([
  ["English", "How can I find out what is on my card, and is it for you to do that?"],
  ["German", "Das ist nicht für mich, und ich bin mit der Karte auf dem Weg zu dir."],
  ["Spanish", "No se puede hacer lo que pide, pero está en la lista de las cosas por hacer"],
  ["Portuguese", "Não é para você, mas o que está na lista foi feito com mais cuidado do que antes"],
  ["Italian", "Non è la prima volta che il gatto si trova nella casa, ma questo è anche di più"],
  ["Dutch", "Het is niet de bedoeling dat je met een kaart naar het loket gaat, maar hoe dan wel"],
  ["Polish", "To nie jest tak, że się boję, ale czy są już tego warte dla mnie"],
  ["Turkish", "Bu çok güzel bir şey ve ben bunun için ne kadar para var bilmiyorum ama değil"],
  ["Japanese", "これは日本語の文章です。とても短いですが、分かります。"],
  ["Chinese", "这是一个很短的中文句子，应该可以识别出来。"],
  ["Russian or another in Cyrillic", "Как мне узнать баланс моей карты сегодня?"],
  [null, "SELECT name FROM users WHERE id = 3 ORDER BY name"],
  [null, "OK, thanks"],
])("the language of a text: %s", (language, text) => expect(languageOf(text)).toBe(language));

test("damage is told from text that only looks odd", () => {
  expect(damageOf("It costs â‚¬5")).toBe('"â‚¬": UTF-8 read as Windows-1252');
  expect(damageOf("Path C:\\new\\names")).toBeNull();
  expect(damageOf("Tom & Jerry; R&D;")).toBeNull();
});

const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
const lines = (file: string): Record<string, string>[] =>
  readFileSync(`${data}${file}`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe.skipIf(!existsSync(data))("published data sets", () => {
  test("GSM8K: nothing to say", () => {
    const of = (part: Part): Row[] =>
      rowsOf(
        lines(`gsm8k/${part}.jsonl`).map(({ question = "", answer = "" }) => [question, answer]),
        part,
      );
    expect(judged(of("train"), false, of("test"))).toEqual([]);
  });

  test("SecurityEval: every answer begins with its prompt", () => {
    const rows = rowsOf(
      lines("securityeval/dataset.jsonl").map((one) => [one["Prompt"] ?? "", one["Insecure_code"] ?? ""]),
    );
    expect(new Set(judged(rows).map((one) => one.split(" ")[0]))).toEqual(new Set(["DATA_ANSWER_ECHO"]));
  });
});
