import { describe, expect, test } from "vitest";
import { problem } from "../../problem/index.ts";
import { type ConversationEvent, openConversation } from "./conversation.ts";
import type { Question } from "./question.ts";
import type { TextModel } from "./text-model.ts";

const variants = [
  {
    name: "run",
    kind: "tuned",
    aliases: [],
    decoding: { maxNewTokens: 9, temperature: 0, topP: 1 },
    continuesText: false,
  },
  {
    name: "base",
    kind: "base",
    aliases: [],
    decoding: { maxNewTokens: 9, temperature: 0, topP: 1 },
    continuesText: false,
  },
] as const;
const decoding = { maxTokens: 9, temperature: 0, topP: 1, seed: 40 };
const never = new AbortController().signal;

/** A model that answers with its variant's name and records its questions. */
function echo(before: (question: Question) => void = () => undefined): {
  textModel: TextModel;
  asked: Question[];
} {
  const asked: Question[] = [];
  const textModel: TextModel = {
    variants,
    contextLength: 100,
    waiting: 0,
    async *answer(question) {
      asked.push(question);
      yield { kind: "answer-start", promptTokens: 1, reusedTokens: 0 };
      yield { kind: "text-added", text: question.variant.name, tokens: [] };
      before(question);
      if (question.signal.aborted)
        return yield { kind: "answer-end", reason: "interrupted", answerTokens: 1 };
      yield { kind: "text-added", text: "!", tokens: [] };
      yield { kind: "answer-end", reason: "stop", answerTokens: 2 };
    },
    close: () => Promise.resolve(),
  };
  return { textModel, asked };
}

async function events(asking: AsyncGenerator<ConversationEvent, void>): Promise<ConversationEvent[]> {
  const found: ConversationEvent[] = [];
  for await (const event of asking) found.push(event);
  return found;
}

/** The messages of a question's conversation. */
const words = ({ prompt }: Question): string[] =>
  prompt.kind === "chat" ? prompt.messages.map(({ role, content }) => `${role}: ${content}`) : [];

describe("a conversation", () => {
  test("goes on from what was said, each variant from its own answers", async () => {
    const { textModel, asked } = echo();
    const conversation = openConversation(textModel, variants, decoding);
    const first = await events(conversation.ask("one", never));
    expect(first.map(({ kind, turn, variant }) => `${kind} ${turn} ${variant}`)).toEqual([
      "answer-start 1 run",
      "text-added 1 run",
      "text-added 1 run",
      "answer-end 1 run",
      "answer-start 1 base",
      "text-added 1 base",
      "text-added 1 base",
      "answer-end 1 base",
    ]);
    await events(conversation.ask("two", never));
    expect(asked.map(words)).toEqual([
      ["user: one"],
      ["user: one"],
      ["user: one", "assistant: run!", "user: two"],
      ["user: one", "assistant: base!", "user: two"],
    ]);
    expect(asked.map(({ seed }) => seed)).toEqual([40, 40, 41, 41]);
  });

  test("takes a system text and forgets turns", async () => {
    const { textModel, asked } = echo();
    const conversation = openConversation(textModel, variants.slice(0, 1), decoding);
    conversation.system = "Be brief.";
    await events(conversation.ask("one", never));
    conversation.reset();
    await events(conversation.ask("two", never));
    conversation.system = null;
    await events(conversation.ask("three", never));
    expect(asked.map(words)).toEqual([
      ["system: Be brief.", "user: one"],
      ["system: Be brief.", "user: two"],
      ["user: two", "assistant: run!", "user: three"],
    ]);
  });

  test("keeps what was said of an answer that is interrupted", async () => {
    const controller = new AbortController();
    const { textModel, asked } = echo(() => controller.abort());
    const conversation = openConversation(textModel, variants.slice(0, 1), decoding);
    const ends = await events(conversation.ask("one", controller.signal));
    expect(ends.at(-1)).toMatchObject({ kind: "answer-end", reason: "interrupted", answerTokens: 1 });
    await events(conversation.ask("two", never));
    expect(words(asked[1] as Question)).toEqual(["user: one", "assistant: run", "user: two"]);
  });

  test("takes back a turn that fails", async () => {
    let full = true;
    const { textModel, asked } = echo(() => {
      if (full) throw problem("PROMPT_TOO_LONG", { found: 101, limit: 100 });
    });
    const conversation = openConversation(textModel, variants.slice(0, 1), decoding);
    await expect(events(conversation.ask("one", never))).rejects.toMatchObject({ code: "PROMPT_TOO_LONG" });
    full = false;
    await events(conversation.ask("two", never));
    expect(words(asked[1] as Question)).toEqual(["user: two"]);
  });
});
