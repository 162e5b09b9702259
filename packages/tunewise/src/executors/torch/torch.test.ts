import type { RunSpec } from "@tunewise/core/run";
import { expect, test } from "vitest";
import type { Prepared } from "../../prepare/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { torchExecutor } from "./torch.ts";

test("answers that keep to JSON are refused before anything is trained", async () => {
  const { recipe } = readRecipe(
    "model: a/b\ndata: { train: a.jsonl }\ntask: { kind: json }\nevaluation: { decoding: constrained }\n",
    "r.yaml",
  );
  const prepared = {
    recipe,
    examples: { train: [], test: [] },
    scoring: { schema: null },
    tokenizer: { tokenBytes: () => [] },
    dataFingerprint: "f",
  };
  const spec = { placement: { kind: "torch" }, data: { fingerprint: "f" } };
  const executor = torchExecutor({ elapsedSeconds: () => 0 } as Runtime, prepared as unknown as Prepared);
  await expect(executor.start(spec as RunSpec)).rejects.toMatchObject({ code: "SCHEMA_ENGINE_ONLY" });
});
