/**
 * @file Keys that can be searched, by their paths in the file: those that affect how well the same model learns the
 * same task. The evaluation rows and the base model are not among them.
 */
import { typesAt } from "./described.ts";

/** Paths of the searchable keys. */
export const searchKeys: readonly string[] = [
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

/** Kind of values of a searchable key: any number, integers only, or words, booleans and lists. */
export function kindOfKey(path: string): "number" | "integer" | "words" {
  const types = typesAt(path.split("."));
  if (types.includes("integer")) return "integer";
  return types.includes("number") ? "number" : "words";
}
