/** @file Tests which arms are left out before anything is asked or paid. */
import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import type { Prepared } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { findArms } from "./find-arms.ts";

const { recipe } = readRecipe(
  "model: m\ndata: { train: t.jsonl }\ncomparison:\n  - { model: api, endpoint: { url: http://127.0.0.1:1/v1, model: m } }\n",
  "tunewise.yaml",
);
const row: Example = {
  file: "t.jsonl",
  row: 1,
  messages: [
    { role: "user", content: "Rain?" },
    { role: "assistant", content: "No." },
  ],
};

function found(test: readonly Example[]): ReturnType<typeof findArms> {
  const prepared = { recipe, examples: { train: [row], validation: [], test } };
  return findArms(prepared as unknown as Prepared, { environment: {} } as Runtime);
}

test("an endpoint is not asked rows with tools, which it would not be sent", async () => {
  expect((await found([row])).lines).toHaveLength(1);
  const tools = [{ type: "function", function: { name: "weather" } }];
  const error = await found([row, { ...row, tools }]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TunewiseError);
  expect(error).toMatchObject({ code: "ARMS_NONE" });
  expect(String((error as Error).message)).toContain("test rows have tools");
});
