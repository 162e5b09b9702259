/** @file Interactive conversation. Keeps a separate message history for each model variant. */
import type { Message } from "@tunewise/core/rows";
import type { ModelVariant } from "./find-text-model.ts";
import type { AnswerEvent, Decoding } from "./question.ts";
import type { TextModel } from "./text-model.ts";

/** An answer event with its model variant and its turn, counted from 1. */
export type ConversationEvent = AnswerEvent & { readonly turn: number; readonly variant: string };

/** A conversation with one or more model variants. */
export interface Conversation {
  /** System prompt; `null` for the recipe's, if any. */
  system: string | null;
  /**
   * Asks every variant, one after the other. On abort the answer ends as `interrupted`, and the history keeps the
   * generated part.
   *
   * @throws {TunewiseError} `PROMPT_TOO_LONG` and others of `TextModel.answer`; the history is then unchanged
   */
  ask(text: string, signal: AbortSignal): AsyncGenerator<ConversationEvent, void>;
  /** Clears the history; the system prompt remains. */
  reset(): void;
}

/** Opens a conversation. The seed increases by one each turn, so that repeated questions may get different answers. */
export function openConversation(
  textModel: TextModel,
  variants: readonly ModelVariant[],
  decoding: Decoding,
): Conversation {
  const said = new Map<string, Message[]>(variants.map(({ name }) => [name, []]));
  let turn = 0;

  async function* askOne(
    variant: ModelVariant,
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEvent, void> {
    const before = said.get(variant.name) ?? [];
    const asked: Message[] = [...before, { role: "user", content: text }];
    const system: Message[] =
      conversation.system === null ? [] : [{ role: "system", content: conversation.system }];
    const prompt = { kind: "chat", messages: [...system, ...asked] } as const;
    let answer = "";
    try {
      for await (const event of textModel.answer({
        ...decoding,
        seed: decoding.seed + turn - 1,
        variant,
        prompt,
        signal,
      })) {
        if (event.kind === "text-added") answer += event.text;
        yield event;
      }
    } catch (error) {
      if (!signal.aborted) throw error; // the abort occurred before this variant's turn
      yield { kind: "answer-end", reason: "interrupted", answerTokens: 0 };
    }
    if (answer !== "") said.set(variant.name, [...asked, { role: "assistant", content: answer }]);
  }

  const conversation: Conversation = {
    system: null,
    async *ask(text, signal): AsyncGenerator<ConversationEvent, void> {
      turn++;
      for (const variant of variants) {
        for await (const event of askOne(variant, text, signal))
          yield { ...event, turn, variant: variant.name };
      }
    },
    reset: () => said.clear(),
  };
  return conversation;
}
