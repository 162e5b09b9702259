/** @file Names of our keys in other trainers, to suggest the right key. */

/**
 * Maps their key to our path.
 *
 * @source huggingface/transformers `TrainingArguments`, huggingface/peft `LoraConfig`, huggingface/trl `SFTConfig`,
 *   axolotl-ai-cloud/axolotl configuration reference
 */
const SYNONYMS: Readonly<Record<string, string>> = {
  adapter: "method.kind",
  base_model: "model",
  dataset: "data.train",
  datasets: "data.train",
  eval_steps: "training.evaluate_every",
  gradient_accumulation: "training.accumulation",
  gradient_accumulation_steps: "training.accumulation",
  gradient_checkpointing: "training.recompute",
  grad_clip: "training.clip_norm",
  load_best_model_at_end: "training.keep",
  lora: "method",
  lora_alpha: "method.alpha",
  lora_dropout: "method.dropout",
  lora_r: "method.rank",
  lora_rank: "method.rank",
  lora_target_modules: "method.targets",
  lr: "training.learning_rate",
  lr_scheduler: "training.schedule",
  lr_scheduler_type: "training.schedule",
  max_grad_norm: "training.clip_norm",
  max_seq_length: "data.max_length",
  max_steps: "training.steps",
  micro_batch_size: "training.batch_size",
  model_id: "model",
  model_name: "model",
  model_name_or_path: "model",
  num_epochs: "training.epochs",
  num_train_epochs: "training.epochs",
  output_dir: "output",
  packing: "training.batching",
  per_device_train_batch_size: "training.batch_size",
  r: "method.rank",
  sample_packing: "training.batching",
  save_steps: "training.checkpoint_every",
  scheduler: "training.schedule",
  sequence_len: "data.max_length",
  target_modules: "method.targets",
  train_file: "data.train",
  use_rslora: "method.rslora",
  warmup_ratio: "training.warmup",
  warmup_steps: "training.warmup",
};

/** Returns our path for another trainer's key, or `undefined`. */
export function synonymOf(key: string): string | undefined {
  return Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key] : undefined;
}

/** Returns all pairs, for the test that every path exists. */
export function synonyms(): readonly (readonly [theirs: string, ours: string])[] {
  return Object.entries(SYNONYMS);
}
