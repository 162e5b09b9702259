/** @file Problems of building and training a model. Data only. */

export const engineProblems = {
  MODEL_FAMILY_UNKNOWN: {
    title: "The engine does not compute this architecture",
    message: 'config.json says model_type "{found}"; the engine computes {known}.',
    fix: "tunewise run --worker torch",
    exitCode: 64,
    docs: "The built-in engine builds a model from its config.json, by family: docs/engine.md lists them. The worker on PyTorch trains and measures any causal language model of transformers: `tunewise worker install`, then `tunewise run --worker torch`. Commands that only the engine carries out (search, try, chat, serve) need a model of one of its families.",
  },
  ENGINE_SETTING_UNKNOWN: {
    title: "The engine does not compute this setting",
    message:
      "{keys}: the engine trains LoRA of one rank, with AdamW or SGD in 32 bits. The worker on PyTorch has more.",
    fix: "tunewise run --worker torch",
    exitCode: 64,
    since: "0.1.0",
    docs: "DoRA (`method.dora`), patterns of ranks and alphas (`method.rank_pattern`, `method.alpha_pattern`) and moments in 8 bits (`training.optimizer: adamw-8bit`, `paged-adamw-8bit`) are computed by the worker: `tunewise worker install`, then `tunewise run --worker torch`. A plan's figures for this machine are those of the same recipe without them. Searches and `tunewise try` train with the engine.",
  },
  MODEL_CONFIG_INVALID: {
    title: "The model's configuration cannot be used",
    message: "config.json: {detail}.",
    fix: "Compare the file with the one its publisher offers, and fetch it again",
    exitCode: 64,
    docs: "A field of config.json is missing, out of bounds, in conflict with another one, or asks for something the engine does not do. Nothing was read from the weights.",
  },
  MODEL_CONFIG_FIELD_UNKNOWN: {
    title: "A field of the model's configuration is unknown",
    message:
      "config.json: {field} is {value}, which the engine does not know for {family} and which may change what the model computes.",
    fix: "tunewise run --worker torch",
    exitCode: 64,
    docs: "The engine builds a model from its config.json and ignores no field that could change its logits: each one is computed, or known to have no effect, or the model is refused. The worker on PyTorch trains the model with the code of transformers. If the field is a note of whoever published the model, a copy of the folder without it is accepted.",
  },
  MODEL_WEIGHT_MISMATCH: {
    title: "A weight does not fit the model's configuration",
    message: "{name} has shape {found}; config.json asks for {expected}.",
    fix: "Use the config.json and the weights of the same model and revision",
    exitCode: 64,
    docs: "The weight files and config.json describe different models. Mixed downloads and edited configurations are the usual reasons.",
  },
  ENCODER_UNSUPPORTED: {
    title: "This model of texts is not supported",
    message: "{place} {reason}",
    fix: "Take a sentence-transformers folder of a BERT-like model, or export it: optimum-cli export onnx --model NAME FOLDER",
    exitCode: 64,
    docs: "Models that make vectors or scores of texts are read from safetensors where they are like BERT (bert, roberta, xlm-roberta), and from one ONNX file else: inputs input_ids, attention_mask, token_type_ids and position_ids as int64 with free sizes, results in float32, all weights in the file itself. Pooling is by mean, first token, last token, largest value, or mean over the root of the length.",
  },
  ENGINE_TARGET_UNKNOWN: {
    title: "A LoRA target is not a projection of the model",
    message: '"{target}" is none of the linear projections {known}.',
    fix: "method:\n  targets: all-linear",
    exitCode: 64,
    docs: "LoRA adapters sit on the linear projections of each layer. `all-linear` takes all seven; a list names some, such as [q_proj, v_proj].",
  },
  ENGINE_RANK_INVALID: {
    title: "The LoRA rank does not fit the model",
    message: "rank is {rank}; it must be a whole number from 1 to {most}, the narrowest projection's width.",
    fix: "method:\n  rank: 16",
    exitCode: 64,
    docs: "A rank as large as the matrix it adapts saves nothing. Usual ranks are 4 to 64.",
  },
  ENGINE_FREEZE_UNKNOWN: {
    title: "A pattern of frozen weights names none",
    message: 'method.freeze: "{pattern}" is the name of no weight of this model.',
    fix: 'method:\n  freeze: ["{example}"]',
    exitCode: 64,
    docs: "Patterns are names of weights in which `*` stands for anything: `model.layers.0.*` is the first layer, `*norm.weight` all norms, `model.embed_tokens.weight` the embedding.",
  },
  ENGINE_ALL_FROZEN: {
    title: "Nothing is left to train",
    message: "method.freeze covers every weight: {patterns}.",
    fix: "method:\n  freeze: []",
    exitCode: 64,
    docs: "Full fine-tuning trains the weights that no pattern of `method.freeze` names.",
  },
  ENGINE_ROW_TOO_LONG: {
    title: "A row is longer than the model's context",
    message: "A row has {found} tokens; the model's context ends at {limit}.",
    fix: "data:\n  max_length: {limit}",
    docs: "Positions beyond the context length were never trained; quality falls off there without a warning. Truncate, drop or split long rows.",
  },
  ENGINE_TOKEN_OUTSIDE_VOCABULARY: {
    title: "A token id is outside the model's vocabulary",
    message: "Token id {found} is outside the vocabulary of {limit} entries.",
    fix: "Use the tokenizer that came with the model",
    docs: "The tokenizer gave an id for which the model has no embedding. Usually the tokenizer belongs to another model, or tokens were added to it alone.",
  },
  ENGINE_LOSS_NOT_FINITE: {
    title: "The loss is no longer a number",
    message: "Step {step}: the loss is {loss}. Adapter and optimizer are as they were after step {last}.",
    fix: "Lower training.learning_rate to {rate} and go on from the last checkpoint",
    docs: "A NaN or infinite loss comes from a learning rate that is too high, a missing warm-up, no gradient clipping, or weights that hold NaN themselves. The step was not applied.",
  },
  ENGINE_NOTHING_LABELLED: {
    title: "No token carries a loss",
    message: "None of the {rows} rows has a token to be predicted.",
    fix: "data:\n  loss: all",
    docs: "With completion-only loss the answers carry the loss. If truncation cut all of them off, nothing can be learned.",
  },
  ENGINE_RUNTIME_FAILED: {
    title: "The native runtime failed",
    message: "ONNX Runtime: {detail}",
    fix: "tunewise doctor",
    docs: "The runtime could not be loaded, or a computation failed, most often for lack of memory. Smaller batches or recompute: layer need less.",
  },
  ENGINE_BF16_MISSING: {
    title: "This processor has no products in bfloat16",
    message: "This is to be computed in bfloat16, which is not available here: {reason}.",
    fix: "training:\n  precision: auto",
    docs: "The engine multiplies in bfloat16 on processors with AVX512-BF16 under Linux, after a test against plain arithmetic; everywhere else in float32. `auto` chooses the faster of what is available. A run that began in bfloat16 is resumed where it is available; its result is judged, exported and used anywhere.",
  },
  BASE_NOT_CALIBRATED: {
    title: "The quantized base is gone",
    message:
      "The base in 4 bits that was calibrated on this run's rows is not in the cache any more: {path}.",
    fix: "tunewise run RECIPE makes it again, from the same rows",
    docs: "A base that is rounded to the nearest 4-bit values can be made again from the model alone. One that was calibrated takes the rows it was calibrated on, and its adapter fits no other.",
  },
} as const;
