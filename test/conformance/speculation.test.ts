/** Drafts by prompt lookup change how an answer is computed, but none of its tokens. */
import { describe, expect, test } from "vitest";
import { goldenModels, openGolden, readJson } from "./golden-model.ts";

interface Golden {
  greedy: { prompt: number[]; answer: number[] }[];
}

const seconds = (): number => performance.now() / 1000;
const greedy = { temperature: 0, topP: 1, seed: 1 } as const;

describe.each(goldenModels.filter((name) => name !== "llama-dynamic-rope"))("%s", (name) => {
  test("answers are those without drafts: right drafts, wrong ones, ends within a draft", async () => {
    const model = await openGolden(name);
    const { greedy: known } = readJson<Golden>(`${name}/golden.json`);
    // the known answer occurs in the prompt in full, with one wrong token, or not at all
    const prompts = known.flatMap(({ prompt, answer }) => {
      const said = [...prompt, ...answer];
      const nearly = said.map((id, at) => (at === prompt.length + 3 ? 3 + ((id + 1) % 90) : id));
      return [said, nearly, []].map((before) => Int32Array.from([...before, ...prompt].slice(-60)));
    });
    // drafts continue up to the end of the context
    const said = [...(known[0]?.prompt ?? []), ...(known[0]?.answer ?? [])];
    const full = Array.from({ length: model.contextLength - 5 }, (_, at) => said[at % said.length] ?? 0);
    prompts.push(Int32Array.from(full));
    for (const endIds of [[], known[0]?.answer.slice(4, 5) ?? []]) {
      const options = { ...greedy, endIds, maxNewTokens: 18 };
      const expected = await model.generate(null, prompts, { ...options, batchSize: 1 });
      const conversation = model.createConversation(null);
      for (const [at, prompt] of prompts.entries()) {
        const ids: number[] = [];
        for await (const { id } of conversation.answer(prompt, { ...options, lookUpClock: seconds }))
          ids.push(id);
        expect(ids).toEqual(expected[at]);
        // the next turn reuses the tokens of the answer, and none that were only drafted
        const whole = Int32Array.from([...prompt, ...ids]);
        const read = conversation.cachedTokens(Int32Array.from([...whole, 3]));
        expect(read).toBeLessThanOrEqual(whole.length);
        expect(read).toBeGreaterThanOrEqual(whole.length - 1);
      }
    }
    await model.close();
  });
});

test("drafts are used, and save passes", async () => {
  const model = await openGolden("llama");
  const said = [9, 40, 7, 33, 21, 60, 17, 80, 50, 11, 12, 13, 14, 15];
  const prompt = Int32Array.from([...said, 70, 71, ...said.slice(0, 2)]);
  // forces the answer to repeat the prompt, so that every draft is right
  const constraint = {
    begin: () => {
      let at = 2;
      return {
        mayEnd: false,
        get isComplete(): boolean {
          return at === said.length;
        },
        allows: (id: number) => id === said[at],
        allowed: () => Uint8Array.from({ length: model.vocabularySize }, (_, id) => Number(id === said[at])),
        add: () => void at++,
      };
    },
  };
  const whole = Int32Array.from([...prompt, ...said.slice(2), 0]);
  const passes = async (lookUp: boolean): Promise<number> => {
    const conversation = model.createConversation(null);
    const ids: number[] = [];
    let [count, cached] = [0, 0];
    const options = {
      ...greedy,
      endIds: [],
      maxNewTokens: 40,
      constraint,
      ...(lookUp ? { lookUpClock: seconds } : {}),
    };
    for await (const { id } of conversation.answer(prompt, options)) {
      ids.push(id);
      const now = conversation.cachedTokens(whole);
      if (now > cached) count++;
      cached = now;
    }
    expect(ids).toEqual(said.slice(2));
    return count;
  };
  expect(await passes(false)).toBe(12);
  expect(await passes(true)).toBe(3);
  await model.close();
});
