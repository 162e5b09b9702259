/** @file Problems of building and training a model. Data only. */

export const engineProblems = {
  ENGINE_SETTING_UNKNOWN: {
    title: "The engine does not support this setting",
    message:
      "{keys}: the engine trains LoRA with one rank, and AdamW or SGD in 32 bits. The PyTorch worker supports more.",
    fix: "tunewise run --worker torch",
    exitCode: 64,
    since: "0.1.0",
    docs: "Only the worker supports DoRA (`method.dora`), rank and alpha patterns (`method.rank_pattern`, `method.alpha_pattern`) and 8-bit optimizers (`training.optimizer: adamw-8bit`, `paged-adamw-8bit`): `tunewise worker install`, then `tunewise run --worker torch`. A plan's figures for this machine are those of the same recipe without these settings. Searches and `tunewise try` train with the engine.",
  },
  ENGINE_BF16_MISSING: {
    title: "Products in bfloat16 are not available on this CPU",
    message: "The computation requires bfloat16, which is not available here: {reason}.",
    fix: "training:\n  precision: auto",
    docs: "On Linux with AVX512-BF16 the engine multiplies in bfloat16, after a test against plain arithmetic; everywhere else it uses float32. `auto` chooses the faster of the available precisions. A run that began in bfloat16 can be resumed only where bfloat16 is available. Its result can be evaluated, exported and used anywhere.",
  },
} as const;
