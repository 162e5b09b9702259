/** @file Answers prompts with the likeliest of given answers: the exact maximum of P(answer and its end | prompt). */

import type { ChooseOptions } from "../engine.ts";
import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel, Tuned } from "../pass/loaded-model.ts";
import { problem } from "../problem/index.ts";
import { KeyValueCache } from "./cache.ts";
import { type Choice, ChoiceSearch, type NextTokens } from "./choice-search.ts";
import type { DecodeContext } from "./decode-context.ts";
import { logSumExp } from "./likelihood.ts";
import { readPrompts, readSharedPrefix, type SharedPrefix } from "./read-prompts.ts";
import { readTree, type TreePart } from "./read-tree.ts";
import { buildTokenTree, type TokenTree } from "./token-tree.ts";

/** Maximum tokens per pass, and per tree: the memory for attention scores grows with the square of the latter. */
const tokensAtOnce = 2048;
const maxTreeTokens = 256;

/** A prompt in progress. */
interface Asked {
  /** Index among all prompts. */
  readonly index: number;
  readonly prompt: Int32Array;
  readonly search: ChoiceSearch;
}

/**
 * Finds the likeliest choice for each prompt, in the order of the prompts.
 *
 * @param choices tokens of each answer without its end token; at least one answer, none empty
 * @throws {TunewiseError} `ENGINE_ROW_TOO_LONG` if a prompt fills the context
 */
export async function chooseAnswers(
  model: LoadedModel,
  adapter: Tuned | null,
  prompts: readonly Int32Array[],
  choices: readonly ArrayLike<number>[],
  options: ChooseOptions,
): Promise<Choice[]> {
  if (choices.length === 0) throw new RangeError("Internal: nothing to choose from");
  const limit = model.architecture.contextLength;
  const tree = buildTokenTree(choices);
  const asked = prompts.map((prompt, index): Asked => {
    if (prompt.length >= limit) throw problem("ENGINE_ROW_TOO_LONG", { found: prompt.length + 1, limit });
    return { index, prompt, search: new ChoiceSearch(tree) };
  });
  // prompts of similar length together: less padding
  const order = [...asked].sort((a, b) => a.prompt.length - b.prompt.length || a.index - b.index);
  const reading: DecodeContext = { model, adapter, buffers: new Buffers(), signal: options.signal };
  const stem = await readSharedPrefix(reading, prompts);
  for (let from = 0; from < order.length; from += options.batchSize) {
    await chooseTogether(reading, order.slice(from, from + options.batchSize), tree, stem, options);
  }
  return asked.map(({ search }) => resultOf(search));
}

async function chooseTogether(
  reading: DecodeContext,
  asked: readonly Asked[],
  tree: TokenTree,
  stem: SharedPrefix | null,
  { endIds, signal, onAnswer }: ChooseOptions,
): Promise<void> {
  const { vocabulary } = reading.model.architecture;
  const prompts = asked.map(({ prompt }) => prompt);
  let cache = KeyValueCache.of(reading.model, asked.length, 1);
  const logits = await readPrompts(reading, prompts, stem, cache, [...asked.keys()]);
  for (const [row, { search }] of asked.entries()) {
    search.expand(0, nextTokens(logits.subarray(row * vocabulary, (row + 1) * vocabulary), endIds));
  }
  let active = asked;
  for (;;) {
    const open = [...active.keys()].filter((row) => (active[row] as Asked).search.result === null);
    for (const { index, search } of active) if (search.result !== null) onAnswer?.(index, search.result);
    if (open.length < active.length) cache = cache.pick(open);
    active = open.map((row) => active[row] as Asked);
    if (active.length === 0) return;
    const nodes = active.map(({ search }) => search.next(maxTreeTokens));
    for (let from = 0; from < active.length; ) {
      signal?.throwIfAborted();
      let until = from + 1;
      while (until < active.length && gridTokens(nodes.slice(from, until + 1)) <= tokensAtOnce) until++;
      const own = nodes.slice(from, until);
      const searches = active.slice(from, until).map(({ search }) => search);
      const parts = own.map((some, at) => partOf(tree, some, searches[at] as ChoiceSearch));
      const rows = own.length === active.length ? cache : cache.pick(own.map((_, at) => from + at));
      await readTree(reading, parts, rows, (part, place, after) => {
        (searches[part] as ChoiceSearch).expand(own[part]?.[place] as number, nextTokens(after, endIds));
      });
      from = until;
    }
  }
}

/** Number of grid positions that the nodes occupy. */
function gridTokens(nodes: readonly (readonly number[])[]): number {
  return nodes.length * Math.max(...nodes.map(({ length }) => length));
}

/** Converts nodes to tokens and requests the successors that are not known yet. */
function partOf(
  { tokens, parents, depths }: TokenTree,
  nodes: readonly number[],
  search: ChoiceSearch,
): TreePart {
  const placeOf = new Map(nodes.map((node, place) => [node, place]));
  return {
    ids: nodes.map((node) => tokens[node] as number),
    parents: nodes.map((node) => placeOf.get(parents[node] as number) ?? -1),
    depths: nodes.map((node) => depths[node] as number),
    asked: nodes.flatMap((node, place) => (search.isUnread(node) ? [place] : [])),
  };
}

/** Log probabilities from logits; without an end token, the end of an answer is not scored. */
function nextTokens(logits: Float32Array, endIds: readonly number[]): NextTokens {
  const offset = logSumExp(logits);
  return {
    of: (token) => (logits[token] as number) - offset,
    end: endIds.length === 0 ? 0 : logSumExp(endIds.map((id) => logits[id] as number)) - offset,
  };
}

function resultOf({ result }: ChoiceSearch): Choice {
  if (result === null) throw new Error("Internal: a search without a result");
  return result;
}
