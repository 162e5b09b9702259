import { expect, test } from "vitest";
import { whyNotBf16 } from "../engine/index.ts";
import { recipeFromText } from "./index.ts";
import { computeHere } from "./tuned-model.ts";

const recipe = (precision: string) =>
  recipeFromText(
    `model: a/b\ndata: { train: a.jsonl }\ntraining: { precision: ${precision} }\n`,
    "/",
    "t.yaml",
  ).recipe;
const runtime = { cores: 2 };
const missing = async (): Promise<string> => "this processor lacks AVX512-BF16";
const there = async (): Promise<null> => null;

test("auto takes bfloat16 where it is, and float32 elsewhere", async () => {
  expect(await computeHere(recipe("auto"), runtime, there)).toBe("bf16");
  expect(await computeHere(recipe("auto"), runtime, missing)).toBe("fp32");
  expect(await computeHere(recipe("auto"), runtime)).toBe((await whyNotBf16(2)) === null ? "bf16" : "fp32");
});

test("what is demanded is taken, or refused", async () => {
  expect(await computeHere(recipe("fp32"), runtime, there)).toBe("fp32");
  await expect(computeHere(recipe("bf16"), runtime, missing)).rejects.toMatchObject({
    code: "ENGINE_BF16_MISSING",
    message: expect.stringContaining("this processor lacks AVX512-BF16"),
  });
});
