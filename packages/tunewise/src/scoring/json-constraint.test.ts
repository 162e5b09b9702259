import type { DecodeOptions } from "@tunewise/engine";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import type { Recipe } from "../recipe/index.ts";
import { decodeAnswers } from "./decode-answers.ts";
import { jsonConstraint } from "./json-constraint.ts";

/** A token per byte below 128. */
function bytewise(): Tokenizer {
  const tokenizer: Partial<Tokenizer> = {
    endIds: [0],
    tokenBytes: () => Array.from({ length: 128 }, (_, id) => (id === 0 ? null : Uint8Array.of(id))),
    decode: (ids) => String.fromCharCode(...Array.from(ids)),
  };
  return tokenizer as Tokenizer;
}

test("a schema is prepared once, by what it says, and the last few are kept", () => {
  const tokenizer = bytewise();
  const schemaOf = (most: number): unknown => ({ type: "string", maxLength: most });
  const first = jsonConstraint(tokenizer, schemaOf(0));
  expect(jsonConstraint(tokenizer, schemaOf(0))).toBe(first);
  expect(jsonConstraint(bytewise(), schemaOf(0))).not.toBe(first);
  for (const most of [1, 2, 3, 4]) jsonConstraint(tokenizer, schemaOf(most));
  expect(jsonConstraint(tokenizer, schemaOf(0))).not.toBe(first);
});

test("a schema too deep to be written is refused", () => {
  let deep: unknown = {};
  for (let level = 0; level < 200_000; level++) deep = [deep];
  expect(() => jsonConstraint(bytewise(), { enum: [deep] })).toThrow(
    expect.objectContaining({ code: "SCHEMA_UNSUPPORTED" }),
  );
});

test("answers of a recipe keep to its schema", async () => {
  const asked: DecodeOptions[] = [];
  const model = {
    generate: (prompts: readonly Int32Array[], options: DecodeOptions) => {
      asked.push(options);
      return Promise.resolve(prompts.map(() => [49]));
    },
    choose: () => Promise.reject(new Error("nothing is chosen")),
  };
  const evaluation = { maxNewTokens: 9, temperature: 0, topP: 1, batchSize: 2 };
  const recipe = { evaluation, training: { seed: 1 }, task: { metrics: [] } } as unknown as Recipe;
  const by = { model, tokenizer: bytewise(), recipe, signal: new AbortController().signal };
  const prompts = [{ ids: Int32Array.of(5), messages: [] }];
  const schema = { type: "integer" } as const;
  const answers = await decodeAnswers({ ...by, decoding: { kind: "json", schema } }, prompts);
  expect(answers.map(({ text }) => text)).toEqual(["1"]);
  const state = asked[0]?.constraint?.begin();
  expect([state?.allows(49), state?.allows(120)]).toEqual([true, false]);
  await decodeAnswers({ ...by, decoding: { kind: "free", reason: null } }, prompts);
  expect(asked[1]?.constraint).toBeUndefined();
});
