/**
 * `model verify` on five correct exports and on planted faults: each fault is named as what it is, and nothing else is
 * reported. Each export has one of the five faults; `TUNEWISE_VERIFY_ALL=1` plants all five in each.
 */
import { join } from "node:path";
import { mergedModel, planExport } from "@tunewise/engine";
import { describe, expect, test } from "vitest";
import { findTextModel } from "../../packages/tunewise/src/app/inference/index.ts";
import { builtInConversations } from "../../packages/tunewise/src/app/verify/conversations.ts";
import {
  compareExport,
  type ModelReference,
  openReference,
} from "../../packages/tunewise/src/app/verify/verify-model.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import {
  familyModel,
  type PlantedFault,
  plantedFaults,
  type SmallFamily,
  withFault,
} from "../support/family-model.ts";
import { writePlan } from "../support/golden-tuned.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const node = [process.execPath, "--import", "tsx"];
const runtime = { ...createRuntime(process.cwd(), new AbortController().signal, "test"), node };

const runtimes = {
  "llama.cpp": { format: "gguf", variable: "TUNEWISE_LLAMA_CPP" },
  transformers: { format: "merged", variable: "TUNEWISE_PYTHON" },
  "transformers.js": { format: "onnx", variable: "TUNEWISE_TRANSFORMERS_JS" },
} as const;

interface Export {
  readonly name: keyof typeof runtimes;
  readonly dtype: "f32" | "f16" | "bf16" | "q8_0";
  readonly family: SmallFamily;
  readonly fault: PlantedFault;
}

const exports: readonly Export[] = [
  { name: "llama.cpp", dtype: "q8_0", family: "qwen2", fault: "bos" },
  { name: "llama.cpp", dtype: "bf16", family: "mistral", fault: "rope" },
  { name: "transformers", dtype: "bf16", family: "qwen3", fault: "stop" },
  { name: "transformers", dtype: "f32", family: "llama", fault: "template" },
  { name: "transformers.js", dtype: "f16", family: "mistral", fault: "vocabulary" },
];

const isAll = process.env["TUNEWISE_VERIFY_ALL"] === "1";

/** References are computed once per family. */
const references = new Map<SmallFamily, Promise<ModelReference>>();

async function referenceOf(family: SmallFamily): Promise<ModelReference> {
  const files = await familyModel(family, folder);
  const place = join(folder, `reference-${family}`);
  const plan = planExport(mergedModel(files, null), { format: "merged", name: family, dtype: "f32" });
  await writePlan(place, plan);
  await files.weights.close();
  return openReference(await findTextModel(place, runtime, {}), builtInConversations, runtime);
}

describe.each(exports)("$name $dtype $family", ({ name, dtype, family, fault }) => {
  const { format, variable } = runtimes[name];

  test.skipIf(!process.env[variable])(
    `correct: no difference; ${isAll ? "each fault" : fault}: named as that`,
    async () => {
      const reference = references.get(family) ?? referenceOf(family);
      references.set(family, reference);
      const files = await familyModel(family, folder);
      const found: (readonly [PlantedFault | null, readonly string[]])[] = [];
      const planted = isAll ? plantedFaults : [fault];
      for (const one of [null, ...planted]) {
        const target = join(folder, `${name}-${dtype}-${family}-${one ?? "correct"}`);
        const model = mergedModel(one === null ? files : withFault(files, one), null);
        const plan = planExport(model, { format, name: family, dtype });
        await writePlan(target, plan);
        const path = format === "gguf" ? join(target, plan.files[0]?.path ?? "") : target;
        const result = await compareExport(path, await reference, runtime, name);
        found.push([one, result.differences.map(({ kind }) => kind)]);
        report({ name, dtype, family, fault: one, ...result });
      }
      await files.weights.close();
      expect(found).toEqual([[null, []], ...planted.map((one) => [one, [one]])]);
    },
    600_000,
  );
});

/** Prints measurements for docs/exports.md. */
function report(result: object): void {
  if (process.env["TUNEWISE_SHOW_DISTANCES"]) process.stderr.write(`${JSON.stringify(result)}\n`);
}
