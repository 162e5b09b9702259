/** @file Problems of building and training a model. Data only. */

export const engineProblems = {
  ENGINE_SETTING_UNKNOWN: {
    title: "The engine does not compute this setting",
    message:
      "{keys}: the engine trains LoRA of one rank, with AdamW or SGD in 32 bits. The worker on PyTorch has more.",
    fix: "tunewise run --worker torch",
    exitCode: 64,
    since: "0.1.0",
    docs: "DoRA (`method.dora`), patterns of ranks and alphas (`method.rank_pattern`, `method.alpha_pattern`) and moments in 8 bits (`training.optimizer: adamw-8bit`, `paged-adamw-8bit`) are computed by the worker: `tunewise worker install`, then `tunewise run --worker torch`. A plan's figures for this machine are those of the same recipe without them. Searches and `tunewise try` train with the engine.",
  },
  ENGINE_BF16_MISSING: {
    title: "This processor has no products in bfloat16",
    message: "This is to be computed in bfloat16, which is not available here: {reason}.",
    fix: "training:\n  precision: auto",
    docs: "The engine multiplies in bfloat16 on processors with AVX512-BF16 under Linux, after a test against plain arithmetic; everywhere else in float32. `auto` chooses the faster of what is available. A run that began in bfloat16 is resumed where it is available; its result is judged, exported and used anywhere.",
  },
} as const;
