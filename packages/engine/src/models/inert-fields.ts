/** @file Fields of `config.json` that do not affect the engine's logits; others that are not read are rejected. */

/**
 * Names by reason.
 *
 * @source huggingface/transformers src/transformers/configuration_utils.py (versions 4.40 to 5.24), `attribute_map`
 *   and docstrings of the supported families
 */
const names = {
  /** Provenance of the file, and how other programs load it. */
  origin: `model_type architectures auto_map transformers_version torch_dtype dtype _name_or_path _commit_hash
    _attn_implementation _attn_implementation_autoset _flash_attn_2_enabled _from_model_config name_or_path
    transformers.js_config quantization_config model_name unsloth_version unsloth_fixed is_llama_config
    attn_implementation tf_legacy_loss use_bfloat16 torchscript use_cache cache_implementation use_return_dict
    return_dict output_attentions output_hidden_states output_scores pruned_heads chunk_size_feed_forward
    tokenizer_class prefix problem_type is_decoder is_encoder_decoder pretraining_tp experts_implementation`,
  /** Used only when other programs train: weight initialization, and dropout, which recipes set. */
  training: `initializer_range initializer_factor initializer attention_dropout hidden_dropout attn_pdrop embd_pdrop
    resid_pdrop router_aux_loss_coef router_jitter_noise
    classifier_dropout summary_first_dropout gradient_checkpointing use_reentrant`,
  /** Token ids and generation settings, which come from the tokenizer's files and recipes. */
  generation: `bos_token_id eos_token_id pad_token_id unk_token_id sep_token_id decoder_start_token_id
    forced_bos_token_id forced_eos_token_id suppress_tokens begin_suppress_tokens bad_words_ids max_length min_length
    do_sample early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p
    repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size num_return_sequences
    remove_invalid_values exponential_decay_length_penalty return_dict_in_generate`,
  /** Settings of classifiers on top of the model. */
  heads: `id2label label2id num_labels finetuning_task task_specific_params summary_type summary_use_proj
    summary_activation summary_proj_to_labels`,
  /** Not read by the code of transformers for these families. */
  unused: `full_attn_mod interpolate_factor rope_interleaved n_ctx max_window_layers sliding_window_pattern
    _sliding_window_pattern finetuned_from reorder_and_upcast_attn`,
} as const;

const inert: ReadonlySet<string> = new Set(Object.values(names).flatMap((list) => list.split(/\s+/)));

/**
 * Words in the names of fields in which publishers and programs record a model's provenance, tokenizer, training and
 * execution. transformers does not read such fields to compute logits.
 */
const notes: ReadonlySet<string> = new Set(
  `name path version revision commit license author date url tokenizer token tokens language languages dtype drop
  dropout pdrop initializer init loss coef seed epoch epochs checkpoint checkpointing deepspeed fsdp unsloth flash
  kernel kernels fused implementation cache template processor dataset comment note description`.split(/\s+/),
);

/** Whether a field has no effect regardless of its value: a known field, a private one, or metadata. */
export function isInert(field: string): boolean {
  return inert.has(field) || field.startsWith("_") || field.split(/[_.]/).some((part) => notes.has(part));
}

/** Whether a value switches a feature off: `null`, `false`, 0 or empty. */
export function isNeutral(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === 0 || value === "";
}
