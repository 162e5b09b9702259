/** @file Restricts answers to a JSON Schema with the tokens of a tokenizer; caches what is prepared for both. */

import { constrainToJson, type TokenConstraint, TokenVocabulary } from "@tunewise/engine";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { problem } from "../problem/index.ts";

/** Schemas cached per tokenizer. Each takes up to 64 MB; hostile schemas were measured at 25 MB. */
const maxSchemas = 4;

/** Cache entry of a tokenizer. */
interface Prepared {
  readonly vocabulary: TokenVocabulary;
  /** Constraints by the schema's text, least recently used first. */
  readonly constraints: Map<string, TokenConstraint>;
}

const prepared = new WeakMap<Tokenizer, Prepared>();

/**
 * Returns the constraint of a schema; the schema `null` allows any JSON object.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`, `CONSTRAINT_TOKENIZER`
 */
export function jsonConstraint(tokenizer: Tokenizer, schema: unknown): TokenConstraint {
  const own = prepared.get(tokenizer) ?? prepare(tokenizer);
  const key = textOf(schema);
  const constraint = own.constraints.get(key) ?? constrainToJson(schema, own.vocabulary);
  own.constraints.delete(key);
  own.constraints.set(key, constraint);
  const [oldest] = own.constraints.keys();
  if (own.constraints.size > maxSchemas && oldest !== undefined) own.constraints.delete(oldest);
  return constraint;
}

/** @throws {TunewiseError} `SCHEMA_UNSUPPORTED` if a schema is too deep to serialize */
function textOf(schema: unknown): string {
  try {
    return JSON.stringify(schema);
  } catch (cause) {
    throw problem("SCHEMA_UNSUPPORTED", { place: "#", found: "cannot be written as JSON" }, { cause });
  }
}

function prepare(tokenizer: Tokenizer): Prepared {
  const made = { vocabulary: new TokenVocabulary(tokenizer.tokenBytes()), constraints: new Map() };
  prepared.set(tokenizer, made);
  return made;
}
