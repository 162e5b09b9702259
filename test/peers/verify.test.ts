/**
 * `model verify` on five correct exports and on planted faults: each fault is named as what it is, and nothing else is
 * reported. Each export has one of the five faults; `TUNEWISE_VERIFY_ALL=1` plants all five in each.
 */
import { join } from "node:path";
import { mergedModel, planExport } from "@tunewise/engine";
import { describe, expect, test } from "vitest";
import { findTextModel, openTextModel } from "../../packages/tunewise/src/app/inference/index.ts";
import { builtInConversations } from "../../packages/tunewise/src/app/verify/conversations.ts";
import { endpointOf } from "../../packages/tunewise/src/app/verify/endpoint.ts";
import {
  compareEndpoint,
  compareExport,
  type ModelReference,
  openReference,
} from "../../packages/tunewise/src/app/verify/verify-model.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { serveModel } from "../../packages/tunewise/src/server/openai/model-server.ts";
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

test("our own server, which shows only the number of tokens of its prompts", async () => {
  const textModel = await openTextModel("models/small", runtime);
  const server = await serveModel(textModel, { host: "127.0.0.1", port: 0, apiKey: null });
  try {
    const given = builtInConversations.filter(({ tools }) => tools === undefined).slice(0, 6);
    const reference = await openReference(await findTextModel("models/small", runtime, {}), given, runtime);
    const address = endpointOf(server.url, null, {});
    const result = await compareEndpoint(address, reference, runtime.signal, null, null);
    report(result);
    expect(result.differences).toEqual([]);
    expect(result.sameAnswers).toEqual({ count: 6, nearTies: 0, of: 6 });
    expect(result.distance.whole).toBeLessThan(1e-4);
    expect(result.distance.single).toBeLessThan(1e-4);
  } finally {
    await server.close(0);
    await textModel.close();
  }
}, 600_000);
