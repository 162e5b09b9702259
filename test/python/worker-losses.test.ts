/** @file Losses of the PyTorch worker against the engine's, over 50 steps if `WORKER_FIGURES` is set. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { figures, losses, model, type Setting } from "../support/worker-losses.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
/** Cases that always run; the others run only if `WORKER_FIGURES` is set. */
const usual: ReadonlySet<string> = new Set(["documents-packed", "lora-fsdp-2-processes", "qlora"]);

const lora = "{ kind: lora, rank: 8 }";
const ewc = "regularization: { method: ewc, lambda: 50, examples: 8, length: 64 }";

/** Whether the worker's Python has a package. */
function hasPackage(name: string): boolean {
  return spawnSync(python, ["-c", `import ${name}`]).status === 0;
}

describe.skipIf(model === "" || python === "")("losses of the worker", { timeout: 900_000 }, () => {
  const rows: readonly [string, Setting][] = [
    ["lora", { method: lora }],
    [
      "rslora-accumulated",
      { method: "{ kind: lora, rank: 8, rslora: true }", training: ", gradient_accumulation_steps: 2" },
    ],
    ["packed", { method: lora, training: ", batching: pack" }],
    ["documents-packed", { method: lora, training: ", batching: pack", areDocuments: true }],
    ["documents", { method: lora, areDocuments: true }],
    ["dft", { method: lora, training: ", loss: dft, batching: pack" }],
    ["full", { method: "{ kind: full }", rate: 2e-5 }],
    ["full-dft", { method: "{ kind: full }", rate: 2e-5, training: ", loss: dft" }],
    ["ewc", { method: lora, regularization: ewc }],
    [
      "ewc-full",
      { method: "{ kind: full }", rate: 2e-5, regularization: `${ewc.slice(0, -2)}, fisher: factored }` },
    ],
    ["lora-2-processes", { method: lora, processes: 2 }],
    ["lora-fsdp-2-processes", { method: lora, processes: 2, sharding: "fsdp" }],
    ["full-fsdp-2-processes", { method: "{ kind: full }", rate: 2e-5, processes: 2, sharding: "fsdp" }],
    ["qlora", { method: "{ kind: qlora, rank: 8 }" }],
    ["l2-sp", { method: lora, regularization: "regularization: { method: l2-sp, lambda: 0.1 }" }],
  ];
  for (const [name, setting] of rows) {
    test.skipIf(figures === undefined && !usual.has(name))(name, async () => {
      if (name === "qlora") expect(hasPackage("bitsandbytes"), "QLoRA needs bitsandbytes").toBe(true);
      const found = await losses(name, setting);
      const limit = name === "qlora" ? 5e-3 : 2e-3;
      expect(Math.max(...found.loss)).toBeLessThan(limit);
      expect(Math.max(...found.validation)).toBeLessThan(limit);
      expect(Math.max(...found.penalty)).toBeLessThan(2e-3);
      // the loss of dft may rise while a model learns
      if (!name.endsWith("dft")) expect(found.torch.at(-1)).toBeLessThan(found.torch[0] as number);
    });
  }
});
