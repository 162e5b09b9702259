/** @file Problems of training, answering and exporting. Data only. */

export const engineOwnEntries = {
  ENCODER_UNSUPPORTED: {
    title: "The text encoder is not supported",
    message: "{place} {reason}",
    fix: "Use a sentence-transformers folder of a BERT-like model, or export it: optimum-cli export onnx --model NAME FOLDER",
    exitCode: 64,
    docs: "Models that compute vectors or scores of texts are read from safetensors if they are BERT-like (bert, roberta, xlm-roberta), otherwise from one ONNX file. That file has the inputs input_ids, attention_mask, token_type_ids and position_ids as int64 with free sizes, float32 results, and all weights inside it. Pooling is by mean, first token, last token, maximum, or mean over the square root of the length.",
  },
  ENGINE_TARGET_UNKNOWN: {
    title: "A LoRA target is not a projection of the model",
    message: '"{target}" is not one of the linear projections {known}.',
    fix: "method:\n  targets: all-linear",
    exitCode: 64,
    docs: "LoRA adapts the linear projections of each layer. `all-linear` selects all seven; a list selects some, such as [q_proj, v_proj].",
  },
  ENGINE_RANK_INVALID: {
    title: "The LoRA rank does not fit the model",
    message:
      "rank is {rank}; it must be a whole number from 1 to {most}, the width of the narrowest projection.",
    fix: "method:\n  rank: 16",
    exitCode: 64,
    docs: "A rank as large as the matrix it adapts saves nothing. Usual ranks are 4 to 64.",
  },
  ENGINE_FREEZE_UNKNOWN: {
    title: "A freeze pattern matches no weight",
    message: 'method.freeze: "{pattern}" matches no weight of this model.',
    fix: 'method:\n  freeze: ["{example}"]',
    exitCode: 64,
    docs: "Patterns are names of weights in which `*` matches anything: `model.layers.0.*` is the first layer, `*norm.weight` all norms, `model.embed_tokens.weight` the embedding.",
  },
  ENGINE_ALL_FROZEN: {
    title: "No weight is left to train",
    message: "method.freeze covers every weight: {patterns}.",
    fix: "method:\n  freeze: []",
    exitCode: 64,
    docs: "Full fine-tuning trains the weights that no pattern of `method.freeze` matches.",
  },
  ENGINE_ROW_TOO_LONG: {
    title: "A row is longer than the model's context",
    message: "A row has {found} tokens; the model's context has {limit}.",
    fix: "data:\n  max_length: {limit}",
    docs: "Positions beyond the context length were never trained, and quality drops there without a warning. Truncate, drop or split long rows.",
  },
  ENGINE_TOKEN_OUTSIDE_VOCABULARY: {
    title: "A token id is outside the model's vocabulary",
    message: "Token id {found} is outside the vocabulary of {limit} entries.",
    fix: "Use the tokenizer that came with the model",
    docs: "The tokenizer produced an id for which the model has no embedding. Usually the tokenizer belongs to another model, or tokens were added only to the tokenizer.",
  },
  ENGINE_LOSS_NOT_FINITE: {
    title: "The loss is not finite",
    message:
      "Step {step}: the loss is {loss}. The step was not applied; adapter and optimizer are in the state after step {last}.",
    fix: "Lower training.learning_rate to {rate} and continue from the last checkpoint",
    docs: "Causes of a NaN or infinite loss are a learning rate that is too high, a missing warm-up, no gradient clipping, or weights that contain NaN. The step was not applied.",
  },
  ENGINE_NOTHING_LABELLED: {
    title: "No token has a label",
    message: "None of the {rows} rows has a token that contributes to the loss.",
    fix: "data:\n  loss: all",
    docs: "With completion-only loss, only the answers have labels. If truncation removed all of them, the model can learn nothing.",
  },
  ENGINE_RUNTIME_FAILED: {
    title: "The native runtime failed",
    message: "ONNX Runtime: {detail}",
    fix: "tunewise doctor",
    docs: "The runtime could not be loaded, or a computation failed, usually because memory ran out. Smaller batches or gradient_checkpointing: layer reduce memory use.",
  },
  BASE_NOT_CALIBRATED: {
    title: "The quantized base model is missing",
    message: "The 4-bit base model that was calibrated on this run's rows is no longer in the cache: {path}.",
    fix: "tunewise run RECIPE creates it again, from the same rows",
    docs: "A base model that is rounded to the nearest 4-bit values can be recreated from the model alone. A calibrated one also needs the rows that it was calibrated on, and its adapter fits no other.",
  },
  EXPORT_UNSUPPORTED: {
    title: "The format does not support this model",
    message: "--format {format} does not support this model: {detail}.",
    fix: "export it with {instead}",
    docs: "The programs that read a format compute only some models, and a file that they load but compute incorrectly is worse than none. Nothing was left in the target folder. docs/exports.md lists what each format supports.",
  },
  EXPORT_TYPE_UNKNOWN: {
    title: "The format does not support this type",
    message: "--format {format} supports {known}, not {type}.",
    fix: "omit --dtype, or use one of {known}",
    exitCode: 64,
    docs: "Models are written as f32, f16 or bf16, GGUF files also in blocks of 8 bits (q8_0), ONNX files as f32 or f16. Adapters stay as they were trained, in f32.",
  },
  FISHER_UNUSABLE: {
    title: "The importance file is not valid",
    message: "{file}: {detail}.",
    fix: "Name the fisher.safetensors in the folder of a run with regularization: ewc",
    exitCode: 64,
    docs: "The importance of weights depends on the model and on the estimation method, and a strength has no meaning without them. A file that lacks them, or states others, is rejected.",
  },
  SCHEMA_UNSUPPORTED: {
    title: "The JSON Schema is not supported",
    message: "{place} {found}.",
    fix: "remove that keyword, or answer without a schema and check the answer afterwards",
    exitCode: 64,
    since: "0.1.0",
    docs: "A schema restricts an answer token by token. Supported keywords are type, enum, const, anyOf and $ref within the schema; properties, required and additionalProperties; items, minItems and maxItems; minLength and maxLength. anyOf and $ref must not be combined with other keywords, enum and const only with type. Recursive schemas, nullable, patterns, number ranges, oneOf, allOf, not and conditions are rejected rather than ignored, as are schemas beyond the limits: 10,000 schemas, properties and values, 1,000 alternatives of anyOf, a million characters of keys, values and references, and 64 levels. Answers contain the properties in the declared order, and no others.",
  },
  CONSTRAINT_DEAD_END: {
    title: "The vocabulary cannot express the schema",
    message: "The schema requires text that the model's vocabulary does not contain.",
    fix: "use a model whose vocabulary has a token for each byte, or use only characters of its vocabulary in the schema",
    since: "0.1.0",
    docs: "An answer under a schema consists of the model's tokens. Most vocabularies have a token for each byte and can express any text; this one does not.",
  },
  CONSTRAINT_TOKENIZER: {
    title: "Structured output does not support this tokenizer",
    message: "Answers under a schema need a byte-level BPE or SentencePiece tokenizer; found {found}.",
    fix: "answer without a schema and check the answer afterwards",
    since: "0.1.0",
    docs: "Structured output is restricted byte by byte. In byte-level BPE and SentencePiece tokenizers each token stands for the same bytes everywhere. In others, the text of a token depends on its neighbors.",
  },
} as const;
