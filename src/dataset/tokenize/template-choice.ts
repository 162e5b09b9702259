/**
 * @file Chooses the chat template of a tokenizer, and reads its special tokens.
 *
 * @source huggingface/transformers src/transformers/tokenization_utils_base.py (get_chat_template)
 */
import type { TokenizerFiles } from "../tokenizer.ts";

/** A template, or the reason why there is none. */
export type TemplateChoice =
  | { readonly template: string }
  /** Completes "the tokenizer has no chat template". */
  | { readonly missing: string };

/** Chooses `chat_template.jinja`, else `chat_template` of the config; of a named list, `default`. */
export function chooseTemplate(files: TokenizerFiles): TemplateChoice {
  if (files.chatTemplate !== null) return { template: files.chatTemplate };
  const given = configOf(files)["chat_template"];
  if (typeof given === "string") return { template: given };
  if (!Array.isArray(given) || given.length === 0) return { missing: "" };
  const named = given as readonly { readonly name?: unknown; readonly template?: unknown }[];
  const template = named.find(({ name }) => name === "default")?.template;
  if (typeof template === "string") return { template };
  const names = named.map(({ name }) => String(name)).join(", ");
  return { missing: ` named default; it has ${names.slice(0, 200)}` };
}

/** `tokenizer_config.json` as a record; empty if the file is not an object. */
export function configOf(files: TokenizerFiles): Readonly<Record<string, unknown>> {
  const { config } = files;
  return typeof config === "object" && config !== null ? (config as Readonly<Record<string, unknown>>) : {};
}

const names = [
  "bos_token",
  "eos_token",
  "unk_token",
  "sep_token",
  "pad_token",
  "cls_token",
  "mask_token",
] as const;

/** Name of a special token in the config. */
export type SpecialTokenName = (typeof names)[number];

/** Texts of the config's special tokens, which are variables in templates. */
export function specialTokens(files: TokenizerFiles): ReadonlyMap<SpecialTokenName, string> {
  const config = configOf(files);
  const found = new Map<SpecialTokenName, string>();
  for (const name of names) {
    const value = config[name];
    const content =
      typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (typeof content === "string") found.set(name, content);
  }
  return found;
}
