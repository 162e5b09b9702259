/** @file Fields of `config.json` without effect on the engine's logits. All others must be read, or are refused. */

/**
 * Names by reason.
 *
 * @source huggingface/transformers src/transformers/configuration_utils.py (versions 4.40 to 5.24), `attribute_map`
 *   and docstrings of the supported families
 */
const names = {
  /** Where the file comes from, and how other programs load it. */
  origin: `model_type architectures auto_map transformers_version torch_dtype dtype _name_or_path _commit_hash
    _attn_implementation _attn_implementation_autoset _flash_attn_2_enabled _from_model_config name_or_path
    transformers.js_config quantization_config model_name unsloth_version unsloth_fixed is_llama_config
    attn_implementation tf_legacy_loss use_bfloat16 torchscript use_cache cache_implementation use_return_dict
    return_dict output_attentions output_hidden_states output_scores pruned_heads chunk_size_feed_forward
    tokenizer_class prefix problem_type is_decoder is_encoder_decoder pretraining_tp experts_implementation`,
  /** Applied in training by other programs alone: how weights start, and dropout, which recipes set. */
  training: `initializer_range initializer_factor initializer attention_dropout hidden_dropout attn_pdrop embd_pdrop
    resid_pdrop router_aux_loss_coef router_jitter_noise
    classifier_dropout summary_first_dropout gradient_checkpointing use_reentrant`,
  /** Token ids and settings of generation, which the tokenizer's files and recipes give. */
  generation: `bos_token_id eos_token_id pad_token_id unk_token_id sep_token_id decoder_start_token_id
    forced_bos_token_id forced_eos_token_id suppress_tokens begin_suppress_tokens bad_words_ids max_length min_length
    do_sample early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p
    repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size num_return_sequences
    remove_invalid_values exponential_decay_length_penalty return_dict_in_generate`,
  /** Of classifiers on top of the model. */
  heads: `id2label label2id num_labels finetuning_task task_specific_params summary_type summary_use_proj
    summary_activation summary_proj_to_labels`,
  /** Read by no code that transformers has for these families. */
  unused: `full_attn_mod interpolate_factor rope_interleaved n_ctx max_window_layers sliding_window_pattern
    _sliding_window_pattern finetuned_from reorder_and_upcast_attn`,
} as const;

const inert: ReadonlySet<string> = new Set(Object.values(names).flatMap((list) => list.split(/\s+/)));

/**
 * Parts of names of what publishers and programs note down: where a model comes from, what is special in its tokenizer,
 * how it was trained and is run. transformers reads no such field while it computes logits.
 */
const notes: ReadonlySet<string> = new Set(
  `name path version revision commit license author date url tokenizer token tokens language languages dtype drop
  dropout pdrop initializer init loss coef seed epoch epochs checkpoint checkpointing deepspeed fsdp unsloth flash
  kernel kernels fused implementation cache template processor dataset comment note description`.split(/\s+/),
);

/** Whether a field has no effect, whatever its value: it is known, private to a program, or a note. */
export function isInert(field: string): boolean {
  return inert.has(field) || field.startsWith("_") || field.split(/[_.]/).some((part) => notes.has(part));
}

/** Whether a value switches a feature off: `null`, `false`, 0 or empty. */
export function isNeutral(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === 0 || value === "";
}
