/** A plan of a few steps uses the same batches as the trainer, with the same tokens, for every kind of batching. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTuned, loadRecipe, openPreparedBase } from "../../prepare/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { planRecipe } from "./plan-recipe.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tunewise-coming-"));
  const rows = Array.from({ length: 200 }, (_, at) => ({
    prompt: `Ticket ${at}: ${"the light blinks ".repeat(at % 20 === 0 ? 12 : 1 + (at % 3))}`,
    completion: `answer ${at % 7}`,
  }));
  writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["shuffle", "length", "pack"])("batching %s", async (batching) => {
  const recipe = `model: ${resolve("models/small")}
data: { train: rows.jsonl, max_length: 128 }
training: { steps: 5, batch_size: 3, gradient_accumulation_steps: 2, batching: ${batching} }
budget: { minutes: 10 }
`;
  writeFileSync(join(folder, "tunewise.yaml"), recipe);
  const runtime = createRuntime(folder, new AbortController().signal, "0");
  const { plan, prepared } = await planRecipe(await loadRecipe("tunewise.yaml", runtime), runtime);
  const model = await openPreparedBase(prepared, plan.schedule.base, runtime, prepared.dataFingerprint);
  try {
    const tuned = await createTuned(model, prepared.recipe, prepared.model.revision);
    const { training, data } = prepared.recipe;
    const more = { recompute: "none", maxLength: data.maxLength, momentsPath: null, penalty: null } as const;
    const trainer = await model.createTrainer(tuned, prepared.encoded.train.rows, {
      ...training,
      ...more,
      optimizer: "adamw",
    });
    let tokens = 0;
    for (let step = 0; step < trainer.steps; step++) tokens += (await trainer.next()).tokens;
    await trainer.release();
    expect(trainer.steps).toBe(5);
    expect(plan.schedule.tokens).toBe(tokens);
  } finally {
    await model.close();
    await prepared.model.weights.close();
  }
});
