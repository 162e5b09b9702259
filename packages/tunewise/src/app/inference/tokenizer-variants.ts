/** @file The tokenizer of a model with the variables that a request passes to its chat template. */
import type { JsonObject } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";

/** The tokenizer with variables of the chat template; `null`: with those of the recipe alone. */
export type TokenizerVariants = (variables: JsonObject | null) => Tokenizer;

/** Variants that are kept, because the syntax of calls is learned once for each. */
const maxVariants = 8;

/** Creates the variants of a tokenizer. */
export function createVariants(tokenizer: Tokenizer): TokenizerVariants {
  const known = new Map<string, Tokenizer>();
  return (variables) => {
    if (variables === null) return tokenizer;
    const key = JSON.stringify(variables);
    const variant = known.get(key) ?? withVariables(tokenizer, variables);
    known.delete(key);
    known.set(key, variant);
    const [oldest] = known.keys();
    if (known.size > maxVariants && oldest !== undefined) known.delete(oldest);
    return variant;
  };
}

function withVariables(tokenizer: Tokenizer, variables: JsonObject): Tokenizer {
  return {
    ...tokenizer,
    render: (conversation, options) =>
      tokenizer.render(conversation, { ...options, variables: { ...variables, ...options.variables } }),
  };
}
