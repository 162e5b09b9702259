/** @file Transcripts in the forms of several data sets, and texts that are none. */
import { expect, test } from "vitest";
import { transcriptField, transcriptTurns } from "./transcript.ts";

const short = (text: string): string | null =>
  transcriptTurns(text)
    ?.map(({ role, content }) => `${role}=${content}`)
    .join(" ") ?? null;

test.each([
  ["Human and Assistant", "\n\nHuman: Hi.\n\nAssistant: Hello.", "human=Hi. assistant=Hello."],
  [
    "an open end",
    "Human: Hi.\n\nAssistant: A.\n\nHuman: B?\n\nAssistant:",
    "human=Hi. assistant=A. human=B?",
  ],
  ["marks within a line", "### Human: Hi!### Assistant: A.", "human=Hi! assistant=A."],
  ["names in brackets", "[|Human|] Hi\n[|AI|] A", "human=Hi ai=A"],
  ["ChatML", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n", "user=Hi assistant=A"],
  [
    "the headers of Llama 3",
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|>",
    "user=Hi assistant=A",
  ],
  [
    "the turns of Gemma",
    "<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>",
    "user=Hi model=A",
  ],
  [
    "a result of a function",
    "USER: Hi\n\n\nASSISTANT: A\n\n\nFUNCTION RESPONSE: 3",
    "user=Hi assistant=A function_response=3",
  ],
  ["a name within a sentence", "User: Ask the bot: now\nBot: A", "user=Ask the bot: now bot=A"],
  ["single line ends within turns", "User: x\n\nBot: a\nUser: b\n\nUser: c", "user=x bot=a\nUser: b user=c"],
])("%s", (_, text, expected) => expect(short(text)).toBe(expected));

test.each([
  ["a dialogue of people", "Amanda: Hi.\nJerry: Hello."],
  ["a sentence before the first name", "A chat.\n\nUser: Hi\n\nBot: A"],
  ["no assistant", "User: Hi"],
  ["a bare word on its line", "user\nHi\nassistant\nA"],
  ["nothing", ""],
])("%s is none", (_, text) => expect(short(text)).toBeNull());

test("a row has one transcript that begins with a question", () => {
  const talk = "User: a\nBot: b";
  expect(transcriptField({ id: "1", system: "Be kind.", chat: talk })).toBe("chat");
  expect(transcriptField({ a: talk, b: talk })).toBeNull();
  expect(transcriptField({ a: "Bot: b\nUser: a" })).toBeNull();
});

test.each([
  "#".repeat(900_000),
  "<".repeat(900_000),
  "a: ".repeat(300_000),
  `User: ${"\n".repeat(900_000)}`,
  "User: ".repeat(150_000),
])("a long text takes little time (%#)", (text) => {
  const start = performance.now();
  transcriptTurns(text);
  expect(performance.now() - start).toBeLessThan(2_000);
});
