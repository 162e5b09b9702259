/** @file Variables of chat templates that a user cannot choose. */

/**
 * Parameters of `apply_chat_template` and what it passes itself.
 *
 * @source huggingface/transformers src/transformers/tokenization_utils_base.py `apply_chat_template`
 */
const reserved: ReadonlySet<string> = new Set([
  "messages",
  "conversation",
  "tools",
  "chat_template",
  "add_generation_prompt",
  "continue_final_message",
  "tokenize",
  "padding",
  "truncation",
  "max_length",
  "return_tensors",
  "return_dict",
  "return_assistant_tokens_mask",
  "tokenizer_kwargs",
]);

/** Whether a name cannot be one of the variables that a user passes to a chat template (`chat_template_kwargs`). */
export function isReservedVariable(name: string): boolean {
  return reserved.has(name);
}
