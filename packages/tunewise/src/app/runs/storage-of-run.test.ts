import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { whyNotBf16 } from "@tunewise/engine";
import { runFolderAt } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { inputOf } from "../../../../../test/support/plan-inputs.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { planRun, writePlan } from "../../plan/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { storageOfRun } from "./storage-of-run.ts";

const recipeOf = (precision: string) =>
  recipeFromText(
    `model: a/b\ndata: { train: a.jsonl }\ntraining: { precision: ${precision} }\n`,
    "/",
    "t.yaml",
  ).recipe;
const here = (await whyNotBf16(2)) === null ? "bf16" : "fp32";
/** A model that cannot be measured, so that float32 is chosen without a plan. */
const config = { model_type: "unknown" };

/** A run's folder with the parts of its plan and specification that the code reads. */
function folderOf(
  compute: "fp32" | "bf16",
  kind?: "torch",
): { readonly folder: ReturnType<typeof runFolderAt> } {
  const path = temporaryFolder();
  const input = inputOf("HuggingFaceTB/SmolLM2-135M", recipeOf("auto"), []);
  const plan = planRun({ ...input, machine: { ...input.machine, compute } });
  writeFileSync(join(path, "plan.json"), writePlan(plan));
  if (kind === "torch") {
    const spec = {
      v: 1,
      run: "r1",
      folder: path,
      model: { source: "a", revision: "b" },
      data: { fingerprint: "c" },
      recipe: { configuration: "{}", folder: path, sha256: "0".repeat(64) },
      placement: { kind, device: "cpu", dtype: "float32", recompute: "none", processes: 1 },
      until: null,
      sweep: null,
      limits: { seconds: null },
    };
    mkdirSync(join(path, "execution"));
    writeFileSync(join(path, "execution", "spec.json"), JSON.stringify(spec));
  }
  return { folder: runFolderAt(path) };
}

test.each([
  ["trained in float32", folderOf("fp32"), "fp32"],
  ["trained in bfloat16", folderOf("bf16"), here],
  ["trained by the worker", folderOf("fp32", "torch"), "fp32"],
  ["without a plan", { folder: runFolderAt(temporaryFolder()) }, "fp32"],
])("the result of a run %s", async (_, found, compute) => {
  const runtime = createRuntime(temporaryFolder(), new AbortController().signal, "1.0.0");
  expect((await storageOfRun(found, recipeOf("auto"), config, runtime)).compute).toBe(compute);
  // a precision required for training is not required on this machine
  expect((await storageOfRun(found, recipeOf("bf16"), config, runtime)).compute).toBe(compute);
});
