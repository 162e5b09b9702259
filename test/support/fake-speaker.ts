/**
 * @file A fake text model: it answers with given words, queues requests like a real model, and records the questions.
 */

import type { Message } from "@tunewise/core/rows";
import type { GeneratedToken, Question, TextModel } from "../../packages/tunewise/src/app/inference/index.ts";
import { createRequestQueue } from "../../packages/tunewise/src/app/inference/text-model.ts";
import { problem } from "../../packages/tunewise/src/problem/index.ts";

/** Settings of the fake. */
export interface FakeSpeakerOptions {
  readonly words?: readonly string[];
  readonly maxWaiting?: number;
  /** Milliseconds before each word. */
  readonly pace?: number;
  /** Thrown when the request reaches the front of the queue. */
  readonly failure?: Error;
}

/** A fake model and its records. */
export interface FakeSpeaker {
  readonly textModel: TextModel;
  readonly asked: Question[];
  /** Reasons for the ends of answers, in order: `stop`, `length` or `interrupted`. */
  readonly ends: string[];
  /** Maximum number of answers generated at the same time. */
  maxAtOnce(): number;
}

/** The messages of a question, each as `role: content`. */
export function messagesOf({ prompt }: Question): string[] {
  return prompt.kind === "chat"
    ? prompt.messages.map(({ role, content }: Message) => `${role}: ${content}`)
    : [];
}

/** Maximum prompt length in characters. */
const contextLength = 1000;

const decoding = { maxNewTokens: 8, temperature: 0.25, topP: 0.5 } as const;

/** Creates a fake with a tuned model variant `run-1` and a base `lab/base`. */
export function fakeSpeaker(options: FakeSpeakerOptions = {}): FakeSpeaker {
  const { words = ["Hello", " wide", " world", "!"], maxWaiting = 32, pace = 0, failure } = options;
  const turns = createRequestQueue(maxWaiting);
  const asked: Question[] = [];
  const ends: string[] = [];
  let atOnce = 0;
  let most = 0;

  const textModel: TextModel = {
    variants: [
      { name: "run-1", kind: "tuned", aliases: ["ft:old:org::id"], decoding, continuesText: false },
      { name: "lab/base", kind: "base", aliases: [], decoding, continuesText: false },
    ],
    contextLength,
    get waiting(): number {
      return turns.waiting;
    },
    async *answer(question) {
      asked.push(question);
      const end = await turns.take(question.signal);
      most = Math.max(most, ++atOnce);
      try {
        if (failure) throw failure;
        const length = JSON.stringify(question.prompt).length;
        if (length > contextLength) throw problem("PROMPT_TOO_LONG", { found: length, limit: contextLength });
        yield { kind: "answer-start", promptTokens: 7, reusedTokens: 3 };
        let answerTokens = 0;
        for (const text of words.slice(0, question.maxTokens)) {
          await new Promise((next) => (pace > 0 ? setTimeout(next, pace) : setImmediate(next)));
          if (question.signal.aborted) {
            ends.push("interrupted");
            return yield { kind: "answer-end", reason: "interrupted", answerTokens };
          }
          answerTokens++;
          yield { kind: "text-added", text, tokens: tokensOf(text, question) };
        }
        const reason = answerTokens < words.length ? "length" : "stop";
        ends.push(reason);
        yield { kind: "answer-end", reason, answerTokens };
      } finally {
        atOnce--;
        end();
      }
    },
    close: () => Promise.resolve(),
  };
  return { textModel, asked, ends, maxAtOnce: () => most };
}

function tokensOf(text: string, { alternatives }: Question): GeneratedToken[] {
  if (alternatives === undefined) return [];
  const others = [
    { text, logProbability: -0.5 },
    { text: "\ufffd", logProbability: -2 },
  ].slice(0, alternatives);
  return [{ text, logProbability: -0.5, alternatives: others }];
}
