/**
 * @file Post-processors: special token ids around a text.
 *
 * @source huggingface/transformers src/transformers/tokenization_utils_tokenizers.py (update_post_processor)
 */
import { invalidTokenizer, type PartConfig } from "./vendor.ts";

/** Ids before and after a single text. */
export interface PostProcessorIds {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const none: PostProcessorIds = { before: [], after: [] };

/**
 * Returns the ids that a `post_processor` entry adds to a single text.
 *
 * @throws {TunewiseError} `TOKENIZER_INVALID` for an unknown type
 */
export function postProcessorIds(config: PartConfig | null): PostProcessorIds {
  switch (config?.type) {
    case undefined:
    case "ByteLevel":
      return none;
    case "TemplateProcessing":
      return fromTemplate(config as PartConfig);
    case "BertProcessing":
    case "RobertaProcessing":
      return { before: [pairId(config as PartConfig, "cls")], after: [pairId(config as PartConfig, "sep")] };
    case "Sequence": {
      const inner = (config as PartConfig)["processors"];
      if (!Array.isArray(inner)) throw invalidTokenizer("post_processor.processors is missing");
      return inner.reduce((sum: PostProcessorIds, part: PartConfig) => {
        const own = postProcessorIds(part);
        return { before: [...own.before, ...sum.before], after: [...sum.after, ...own.after] };
      }, none);
    }
    default:
      throw invalidTokenizer(`post_processor ${String(config?.type)} is not known`);
  }
}

function fromTemplate(config: PartConfig): PostProcessorIds {
  const single = config["single"];
  if (!Array.isArray(single)) throw invalidTokenizer("post_processor.single is missing");
  const before: number[] = [];
  const after: number[] = [];
  let reached = before;
  for (const item of single as Readonly<Record<string, { readonly id?: unknown }>>[]) {
    if (item["Sequence"] !== undefined) reached = after;
    else for (const id of specialIds(config["special_tokens"], item["SpecialToken"]?.id)) reached.push(id);
  }
  return { before, after };
}

function specialIds(table: unknown, name: unknown): number[] {
  const entries = new Map(
    Object.entries((table ?? {}) as Readonly<Record<string, { readonly ids?: unknown }>>),
  );
  const ids = entries.get(String(name))?.ids;
  if (!Array.isArray(ids) || !ids.every(Number.isInteger)) {
    throw invalidTokenizer(`post_processor names ${String(name)} without ids`);
  }
  return ids as number[];
}

function pairId(config: PartConfig, name: string): number {
  const pair = config[name];
  if (!Array.isArray(pair) || !Number.isInteger(pair[1]))
    throw invalidTokenizer(`post_processor.${name} has no id`);
  return pair[1] as number;
}
