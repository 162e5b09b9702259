/** @file The syntax of calls is learned from the templates of models, and what they write is parsed back. */
import { resolve } from "node:path";
import { mulberry32 } from "@tunewise/core/math";
import type { Conversation, Message, ToolCall } from "@tunewise/core/rows";
import {
  compileChatTemplate,
  learnToolCallSyntax,
  parseToolCalls,
  rendersTools,
  type ToolCallSyntax,
} from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { endedProgram } from "../support/ended-program.ts";
import { callingTurn } from "../support/random-conversations.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
/** Answers per template; with 200 the test takes a minute of processor time. */
const count = Number(process.env["TUNEWISE_TEST_CONVERSATIONS"] ?? 40);

const special = new Map([
  ["bos_token", "<bos>"],
  ["eos_token", "<eos>"],
  ["pad_token", "<pad>"],
  ["unk_token", "<unk>"],
]);

type Render = (conversation: Conversation, isPrompt?: boolean) => string;

test.skipIf(python === "")(
  `${count} answers with calls in the templates of TRL are parsed back`,
  async () => {
    const unlearned = new Map<string, string[]>();
    const different: string[] = [];
    const learned: string[] = [];
    for (const { name, source } of await templatesOfTrl()) {
      const template = compileChatTemplate(source, special, new Date());
      const render: Render = (conversation, isPrompt = false) => template(conversation, isPrompt);
      const tokenizer = {
        render: (given: Conversation, { addGenerationPrompt = false }) => render(given, addGenerationPrompt),
      };
      const syntax = learnToolCallSyntax(tokenizer);
      if (syntax === null) {
        const reason = !source.includes("tool_calls")
          ? `ignores calls${rendersTools(tokenizer) ? ", but writes tools" : ""}`
          : "writes calls only if content is null";
        unlearned.set(reason, [...(unlearned.get(reason) ?? []), name]);
        continue;
      }
      learned.push(name);
      const wrong = Array.from({ length: count }, (_, seed) => differenceOf(seed, render, syntax));
      const first = wrong.find((one) => one !== null);
      if (first) different.push(`${name}: ${wrong.filter((one) => one !== null).length}, first ${first}`);
    }
    expect(different).toEqual([]);
    expect(Object.fromEntries([...unlearned].map(([reason, names]) => [reason, names.length]))).toEqual({
      "ignores calls": 22,
      "ignores calls, but writes tools": 2,
      "writes calls only if content is null": 2,
    });
    expect(unlearned.get("writes calls only if content is null")).toEqual([
      "deepseek_r1_distill",
      "deepseek_r1_distill_training",
    ]);
    expect(learned.length).toBe(46);
  },
);

async function templatesOfTrl(): Promise<readonly { readonly name: string; readonly source: string }[]> {
  const program = [resolve("test/python/templates/render.py")];
  const nothing = JSON.stringify({ conversations: [], variables: {}, own: {} });
  const { status, stdout, stderr } = await endedProgram(python, program, nothing);
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** How a parsed answer differs from the one that the template wrote; `null`: not at all. */
function differenceOf(seed: number, render: Render, syntax: ToolCallSyntax): string | null {
  const { tools, question, answer } = callingTurn(mulberry32(seed));
  const { toolCalls = [] } = answer;
  if (!syntax.hasSeveral && toolCalls.length > 1) return null;
  const text = written(render, { messages: [question, syntax.takesText ? asTexts(answer) : answer], tools });
  const { content, toolCalls: found, malformed } = parseToolCalls(text, syntax, tools);
  const isSame =
    malformed === null &&
    JSON.stringify(namesAndArguments(found)) === JSON.stringify(namesAndArguments(toolCalls)) &&
    content.includes(text.includes(answer.content) ? answer.content : "") &&
    toolCalls.every(({ name }) => !content.includes(name));
  return isSame ? null : `seed ${seed}: ${text} is read as ${JSON.stringify([content, found, malformed])}`;
}

/** What a model has to write: the conversation without the prompt and the end of the turn. */
function written(render: Render, conversation: Conversation): string {
  const question = conversation.messages.slice(0, 1);
  const prompt = render({ ...conversation, messages: question }, true);
  const plain = render({ ...conversation, messages: [...question, { role: "assistant", content: "qzx" }] });
  const end = plain.slice(plain.indexOf("qzx") + "qzx".length);
  const full = render(conversation);
  let shared = 0;
  while (shared < prompt.length && prompt[shared] === full[shared]) shared++;
  const rest = full.slice(shared);
  return rest.endsWith(end) ? rest.slice(0, rest.length - end.length) : rest;
}

/** The turn with arguments as JSON texts, as some templates require. */
function asTexts(turn: Message): Message {
  const toolCalls = (turn.toolCalls ?? []).map((call) => ({
    ...call,
    arguments: JSON.stringify(call.arguments),
  }));
  return toolCalls.length === 0 ? turn : { ...turn, toolCalls };
}

function namesAndArguments(toolCalls: readonly ToolCall[]): unknown {
  return toolCalls.map((call) => [call.name, call.arguments]);
}
