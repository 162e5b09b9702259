/**
 * @file Keys that a search may turn, by their paths in the file: those that decide how well the same model learns the
 * same task. What rows it is judged on, and what it starts from, is none of them.
 */
import { typesAt } from "./described.ts";

/** Paths of the keys that a search may turn. */
export const tunableKeys: readonly string[] = [
  "training.learning_rate",
  "training.batch_size",
  "training.accumulation",
  "training.epochs",
  "training.steps",
  "training.schedule",
  "training.warmup",
  "training.optimizer",
  "training.weight_decay",
  "training.beta1",
  "training.beta2",
  "training.clip_norm",
  "training.batching",
  "method.rank",
  "method.alpha",
  "method.rslora",
  "method.dropout",
  "method.targets",
  "keep.lambda",
  "keep.share",
  "data.rows.train",
];

/** What values a tunable key takes: any number, whole numbers alone, or words, switches and lists. */
export function kindOfKey(path: string): "number" | "whole" | "words" {
  const types = typesAt(path.split("."));
  if (types.includes("integer")) return "whole";
  return types.includes("number") ? "number" : "words";
}
