/**
 * @file Separates reasoning that an answer begins with, between tags that are named after it: `<think>`, `<reasoning>`,
 * `[THINK]`, `<|begin_of_thought|>`.
 */
import { splitReasoning } from "@tunewise/core/rows";

/** An opening tag at the start of an answer, and the word in it. */
const opening =
  /^\s{0,64}(?:<(?<tag>[a-z_]{1,24})>|\[(?<bracket>[A-Z_]{1,24})\]|<\|begin_of_(?<begin>[a-z_]{1,24})\|>)/;

/** Names of reasoning, in lower case. */
const isReasoningName = /think|thought|reason/i;

/**
 * The reasoning and the content of an answer as rows contain it; the reasoning is `""` if there is none. A solution
 * between tags of the form `<|begin_of_...|>` loses them too: they are the form of the data set, not of a model.
 *
 * @source open-thoughts/OpenThoughts-114k; the template of Magistral
 */
export function readReasoning(text: string): { readonly reasoning: string; readonly content: string } {
  const known = splitReasoning(text, false);
  if (known.reasoning !== "") return known;
  const first = taggedStart(text);
  if (first === null || !isReasoningName.test(first.name)) return known;
  const rest = first.after.trimStart();
  const solution = first.isBegin ? taggedStart(rest) : null;
  const isWhole = solution?.isBegin && solution.after.trim() === "";
  return { reasoning: first.inside.trim(), content: isWhole ? solution.inside.trim() : rest };
}

/** The first tagged block, if the text begins with one that is closed. */
function taggedStart(text: string): {
  readonly name: string;
  readonly inside: string;
  readonly after: string;
  readonly isBegin: boolean;
} | null {
  const found = opening.exec(text);
  const { tag, bracket, begin } = found?.groups ?? {};
  const name = tag ?? bracket ?? begin;
  if (found === null || name === undefined) return null;
  const closing =
    tag !== undefined ? `</${name}>` : bracket !== undefined ? `[/${name}]` : `<|end_of_${name}|>`;
  const end = text.indexOf(closing, found[0].length);
  if (end < 0) return null;
  return {
    name,
    inside: text.slice(found[0].length, end),
    after: text.slice(end + closing.length),
    isBegin: begin !== undefined,
  };
}
