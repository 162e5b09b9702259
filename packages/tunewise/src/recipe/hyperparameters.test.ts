/** @file Hyperparameters, named as by Hugging Face's trainers. */
import { expect, test } from "vitest";
import { hyperparametersOf } from "./hyperparameters.ts";
import { readRecipe } from "./read.ts";

function named(text: string): Readonly<Record<string, string>> {
  const { recipe, problems } = readRecipe(`model: m\ndata: { train: t.jsonl }\n${text}`, "r.yaml", "r");
  if (recipe === null) throw new Error(JSON.stringify(problems));
  return hyperparametersOf(recipe);
}

test("LoRA goes by the names of TrainingArguments, SFTConfig and LoraConfig", () => {
  const training =
    "training: { learning_rate: 3e-4, epochs: 2, batch_size: 4, gradient_accumulation_steps: 2, warmup: 0.1 }";
  expect(
    named(`${training}\nmethod: { kind: lora, rank: 8, alpha: 32, targets: [q_proj, v_proj] }`),
  ).toMatchObject({
    model_name_or_path: "m",
    learning_rate: "0.0003",
    num_train_epochs: "2",
    per_device_train_batch_size: "4",
    gradient_accumulation_steps: "2",
    warmup_ratio: "0.1",
    lr_scheduler_type: "cosine",
    peft_type: "LORA",
    r: "8",
    lora_alpha: "32",
    target_modules: '["q_proj","v_proj"]',
    completion_only_loss: "True",
    seed: "17",
  });
});

test.each([
  ["training: { steps: 50, warmup: 5, schedule: constant }", "max_steps", "50"],
  ["training: { steps: 50, warmup: 5, schedule: constant }", "warmup_steps", "5"],
  ["training: { steps: 50, warmup: 5, schedule: constant }", "lr_scheduler_type", "constant_with_warmup"],
  ["training: { loss: dft }", "loss_type", "dft"],
  ["method: { kind: qlora }", "load_in_4bit", "True"],
  ["method: { kind: qlora }", "bnb_4bit_use_double_quant", "True"],
  ["method: { kind: full, freeze: [lm_head.weight] }", "frozen", '["lm_head.weight"]'],
  ["regularization: ewc", "regularization_method", "ewc"],
  ["training: { batching: pack }", "packing", "True"],
])("%s gives %s %s", (text, name, value) => {
  expect(named(text)[name]).toBe(value);
});

test("weights that are all trained have no rank", () => {
  expect(named("method: { kind: full }")).not.toHaveProperty("r");
  expect(named("training: { steps: 50 }")).not.toHaveProperty("num_train_epochs");
  expect(named("training: { loss: nll }")).not.toHaveProperty("loss_type");
});
