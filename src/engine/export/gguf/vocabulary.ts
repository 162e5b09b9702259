/**
 * @file The tokenizer of a model as GGUF metadata, so that llama.cpp cuts text into the same ids.
 *
 * @source ggml-org/llama.cpp src/llama-vocab.cpp (`llm_tokenizer_bpe`, `llm_tokenizer_spm`), gguf-py/gguf/constants.py
 *   `Keys.Tokenizer`
 */
import {
  chooseTemplate,
  createTokenizer,
  specialTokens,
  type TokenizerFiles,
} from "../../../dataset/index.ts";
import { tokenKind } from "../../../weights/index.ts";
import { unfitTokenizer } from "../refusal.ts";
import { byteLevelFields } from "./byte-level.ts";
import { text, type VocabularyFields, whole } from "./gguf-file.ts";
import { sentencePieceFields } from "./sentence-piece.ts";
import { readParts, type TokenizerParts } from "./tokenizer-parts.ts";

/**
 * Metadata of a model's tokenizer, its chat template and the ids that end an answer.
 *
 * @param rows of the embedding: llama.cpp wants a token for each
 * @throws {TunewiseError} `EXPORT_UNFIT` for a tokenizer that llama.cpp would replace by another one,
 *   `TOKENIZER_INVALID`
 */
export function vocabularyFields(files: TokenizerFiles, rows: number): VocabularyFields {
  const tokenizer = createTokenizer(files);
  const parts = readParts(files);
  if (parts.type !== "BPE") throw unfitTokenizer(`its kind is ${parts.type}, not BPE`);
  const around = tokenizer.encode("");
  const { texts, kinds } = listTokens(parts, rows);
  const own = parts.byteFallback ? sentencePieceFields(parts, texts) : byteLevelFields(parts);
  const [end, turn, message] = tokenizer.endIds;
  const unknown = parts.idOf(specialTokens(files).get("unk_token") ?? parts.unknown ?? "");
  const template = chooseTemplate(files);
  const ids = {
    bos: tokenizer.beginId,
    eos: end,
    unknown,
    padding: tokenizer.padId,
    eot: turn,
    eom: message,
  };
  return {
    notes: [...own.notes, ...particularNotes(parts)],
    fields: {
      ...own.fields,
      "tokenizer.ggml.tokens": { type: "strings", value: texts },
      "tokenizer.ggml.token_type": { type: "int32s", value: kinds },
      ...Object.fromEntries(
        Object.entries(ids)
          .filter((entry): entry is [string, number] => typeof entry[1] === "number")
          .map(([name, id]) => [`tokenizer.ggml.${name}_token_id`, whole(id)]),
      ),
      "tokenizer.ggml.add_bos_token": {
        type: "bool",
        value: tokenizer.beginId !== null && around[0] === tokenizer.beginId,
      },
      "tokenizer.ggml.add_eos_token": { type: "bool", value: end !== undefined && around.at(-1) === end },
      ...("template" in template ? { "tokenizer.chat_template": text(template.template) } : {}),
    },
  };
}

function particularNotes({ added }: TokenizerParts): string[] {
  const names = added.filter(({ isParticular }) => isParticular).map(({ content }) => content);
  if (names.length === 0) return [];
  const some = names.slice(0, 3).join(" ") + (names.length > 3 ? " ..." : "");
  return [`llama.cpp finds ${some} anywhere in a text, whatever stands beside them; this tokenizer does not`];
}

/** One text and one kind for each row of the embedding. */
function listTokens(parts: TokenizerParts, rows: number): { texts: string[]; kinds: number[] } {
  const texts = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const kinds = new Array<number>(rows).fill(tokenKind.unused);
  const put = (id: number, token: string, kind: number): void => {
    if (id >= rows) return;
    texts[id] = token;
    kinds[id] = kind;
  };
  for (const [token, id] of parts.vocabulary) {
    const isByte = parts.byteFallback && /^<0x[0-9A-F]{2}>$/.test(token);
    put(id, token, isByte ? tokenKind.byte : tokenKind.normal);
  }
  for (const { id, content, special } of parts.added) {
    const isUnknown = parts.byteFallback && content === parts.unknown;
    const kind = isUnknown ? tokenKind.unknown : special ? tokenKind.control : tokenKind.userDefined;
    // what users defined is looked for in the text itself, where a space is a space
    const isText = parts.byteFallback && kind === tokenKind.userDefined;
    put(id, isText ? content.replaceAll("\u2581", " ") : content, kind);
  }
  return { texts, kinds };
}
