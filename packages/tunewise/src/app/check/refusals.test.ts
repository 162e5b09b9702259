/**
 * @file `check` refuses what `run` refuses, with the same code: recipes that pass all checks of the rows but cannot
 * run.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packageFile } from "../../catalog/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { approve, planRecipe } from "../plan/index.ts";
import { checkData } from "./check-data.ts";

const words = (count: number, from: number): string =>
  Array.from({ length: count }, (_, at) => `w${(from * 31 + at * 7) % 997}`).join(" ");
const rows = (firstWords: number): string =>
  Array.from({ length: 40 }, (_, at) =>
    JSON.stringify({
      prompt: `${words(at === 0 ? firstWords : 12, at)}?`,
      completion: `${words(6, at + 50)}.`,
    }),
  ).join("\n");

interface Case {
  readonly more?: string;
  readonly data?: string;
  readonly firstWords?: number;
  readonly memoryBytes?: number;
}

async function asked({ more = "", data = "", firstWords = 12, memoryBytes }: Case) {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-refusals-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "rows.jsonl"), rows(firstWords));
  const model = JSON.stringify(packageFile("models/small"));
  const text = `name: a\nmodel: ${model}\ndata: { train: rows.jsonl${data} }\nforgetting: { measure: false }\nbudget: { minutes: 5 }\n${more}`;
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  const real = createRuntime(folder, new AbortController().signal, "test");
  const runtime: Runtime = { ...real, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
  const codeOf = (error: unknown): string => {
    if (TunewiseError.is(error))
      return error.code === "RUN_BLOCKED" ? String(error.params["code"]) : error.code;
    throw error;
  };
  const checked = await checkData(loaded, runtime).then(
    ({ findings }) => findings.filter(({ severity }) => severity === "error").map(({ code }) => code),
    (error: unknown) => [codeOf(error)],
  );
  const ran = await planRecipe(loaded, runtime, undefined, { isRough: true }).then(
    async (planned) => {
      try {
        approve(planned, { kind: "asked", yes: true });
        return null;
      } catch (error) {
        return codeOf(error);
      }
    },
    (error: unknown) => codeOf(error),
  );
  return { checked, ran };
}

test.each<[string, Case]>([
  ["TRAIN_EMPTY", { data: ", max_length: 8" }],
  ["MEMORY_TOO_SMALL", { memoryBytes: 200e6 }],
  ["ENGINE_ROW_TOO_LONG", { data: ", max_length: 100000", firstWords: 3000 }],
  ["ENGINE_FREEZE_UNKNOWN", { more: "method: { kind: full, freeze: [no.such.weight] }\n" }],
  ["ENGINE_ALL_FROZEN", { more: 'method: { kind: full, freeze: ["*"] }\n' }],
  ["ENGINE_RANK_INVALID", { more: "method: { rank: 1024 }\n" }],
  ["ENGINE_TARGET_UNKNOWN", { more: "method: { targets: [q_proj, c_fc] }\n" }],
  ["DATA_SPLIT_EMPTY", { data: ", split: { validation: 0.001 }" }],
])("check and run agree on %s", async (code, one) => {
  const { checked, ran } = await asked(one);
  expect(checked).toContain(code);
  expect(ran).toBe(checked[0]);
});

test("check and run agree on a recipe that can run", async () => {
  expect(await asked({})).toEqual({ checked: [], ran: null });
});
