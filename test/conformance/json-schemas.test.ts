/**
 * @file Two implementations of JSON Schema agree: an answer restricted by a schema is valid for the metric that checks
 * it.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fitsSchema, type JsonSchema } from "../../packages/datacheck/src/dataset/json-schema.ts";
import { constrainToJson, type TokenConstraint } from "../../packages/engine/src/constrain/constraint.ts";
import { TokenVocabulary } from "../../packages/engine/src/constrain/vocabulary.ts";
import { TunewiseError } from "../../packages/tunewise/src/problem/index.ts";

const bytes = new TokenVocabulary(Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)));

const types = ["object", "array", "string", "number", "integer", "boolean", "null"];

/** Nested schemas with random combinations of keywords, many of which are unsupported. */
function schemasOf(levels: number): fc.Arbitrary<object> {
  const inner = levels === 0 ? fc.constant({}) : schemasOf(levels - 1);
  const keywords = {
    type: fc.oneof(fc.constantFrom(...types), fc.subarray(types, { minLength: 1 })),
    nullable: fc.boolean(),
    enum: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 4 }),
    const: fc.constantFrom(1, "a", null, true),
    anyOf: fc.array(inner, { maxLength: 2 }),
    $ref: fc.constantFrom("#/$defs/a", "#/$defs/b~1c", "#/$defs/d%20e", "#a"),
    properties: fc.dictionary(fc.constantFrom("a", "ab", '"', "ä"), inner, { maxKeys: 4 }),
    required: fc.subarray(["a", "ab"]),
    additionalProperties: fc.oneof(fc.boolean(), inner),
    items: inner,
    minItems: fc.nat(2),
    maxItems: fc.nat(3),
    minLength: fc.nat(2),
    maxLength: fc.nat(3),
    minimum: fc.nat(3),
  };
  const names = Object.keys(keywords) as (keyof typeof keywords)[];
  return fc
    .subarray(names, { maxLength: 3 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, keywords[name]]))));
}

const $defs = { a: { type: "integer" }, "b/c": { type: "string", maxLength: 2 }, "d e": { const: 1 } };
const schemas = schemasOf(2).map((own): JsonSchema => ({ ...own, $defs }));

/** A constraint, or `null` if the schema is refused. */
function constraintOf(wanted: JsonSchema): TokenConstraint | null {
  try {
    return constrainToJson(wanted, bytes);
  } catch (error) {
    if (TunewiseError.is(error) && error.code === "SCHEMA_UNSUPPORTED") return null;
    throw error;
  }
}

/** A text that a schema allows, or `null` if the answer did not end. */
function answerTo(constraint: TokenConstraint, choices: readonly number[]): string | null {
  const answer = constraint.begin();
  const said: number[] = [];
  for (let at = 0; at < 400 && !answer.isComplete; at++) {
    const choice = choices[at % choices.length] ?? 0;
    if (answer.mayEnd && (choice % 3 === 0 || at > 200)) break;
    const may = [...answer.allowed().keys()].filter((byte) => answer.allows(byte));
    // after 40 bytes, prefer closing characters (quotes, brackets, braces)
    const closing = at > 40 ? may.find((byte) => '"]}'.includes(String.fromCharCode(byte))) : undefined;
    const next = closing ?? (may[choice % may.length] as number);
    answer.add(next);
    said.push(next);
  }
  return answer.mayEnd ? Buffer.from(said).toString("utf8") : null;
}

test("each answer that a schema allows is valid against it", () => {
  let judged = 0;
  const choices = fc.array(fc.nat(1000), { minLength: 5, maxLength: 50 });
  fc.assert(
    fc.property(schemas, choices, (wanted, picks) => {
      const constraint = constraintOf(wanted);
      const text = constraint && answerTo(constraint, picks);
      if (text === null) return;
      judged++;
      expect(fitsSchema(JSON.parse(text), wanted), `${text} for ${JSON.stringify(wanted)}`).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect(judged).toBeGreaterThan(200);
});
