/** @file Generates the contract of runs as Python types, for the worker. */
import { lossNames, optimizerNames, optimizers, runJsonSchema } from "@tunewise/core/run";

/** File to write. */
export const target = "worker/tunewise_worker/contract.py";

interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

/** The file's text. */
export function generate(): string {
  const { $defs } = runJsonSchema() as { readonly $defs: Readonly<Record<string, Schema>> };
  const { RunSpec: _, ...read } = $defs; // the worker reads `WorkerSpec`
  const types = new Types();
  for (const [name, schema] of Object.entries(read)) {
    const type = types.of(schema, name);
    if (type !== name) types.define(name, type);
  }
  return `"""The contract between the controller and the executor of a run.

Generated from \`packages/core/src/run/messages.ts\` by \`npm run generate\`.
"""

from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict

Number = float
"""On the wire \`"NaN"\`, \`"Infinity"\` or \`"-Infinity"\` where JSON has no word for it; \`float()\` reads both."""

${types.text()}

OptimizerName = ${literal(optimizerNames)}
"""Optimizers of \`packages/core/src/run/optimizers.ts\`."""

EightBitOptimizer = ${literal(optimizerNames.filter((name) => optimizers[name].momentFormat === "8-bit"))}
"""Those with moments in 8 bits, which bitsandbytes computes."""

LossName = ${literal(lossNames)}
"""Training losses of \`packages/core/src/run/losses.ts\`."""
`;
}

function literal(names: readonly string[]): string {
  return `Literal[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

class Types {
  readonly #lines = new Map<string, string>();

  text(): string {
    return [...this.#lines.values()].join("\n\n");
  }

  define(name: string, type: string): void {
    this.#lines.set(name, `${name} = ${type}`);
  }

  /** The Python type of a schema. @param name name of the type, if it needs one */
  of(schema: Schema, name: string): string {
    const { anyOf, oneOf, type, items, prefixItems, properties } = schema;
    const parts = anyOf ?? oneOf;
    if (schema.const !== undefined) return `Literal[${JSON.stringify(schema.const)}]`;
    if (schema.enum) return `Literal[${schema.enum.map((value) => JSON.stringify(value)).join(", ")}]`;
    if (parts) return this.#union(parts, name);
    if (properties) return this.#record(schema, name);
    if (type === "object") return "dict[str, Any]";
    if (prefixItems) return `list[${[...new Set(prefixItems.map((one) => this.of(one, name)))].join(" | ")}]`;
    if (items) return `list[${this.of(items, `${name}Item`)}]`;
    const plain = { string: "str", integer: "int", number: "float", boolean: "bool", null: "None" };
    const names = [type ?? []].flat().map((one) => plain[one as keyof typeof plain] ?? "Any");
    return names.length === 0 ? "Any" : names.join(" | ");
  }

  #union(parts: readonly Schema[], name: string): string {
    const isNumber =
      parts.some(({ type }) => type === "number") && parts.some((one) => one.enum?.includes("NaN"));
    const others = parts.filter(({ type, enum: values }) => !(isNumber && (type === "number" || values)));
    const named = others.map((part) => this.of(part, `${name}${kindOf(part)}`));
    return [...new Set([...(isNumber ? ["Number"] : []), ...named])].join(" | ");
  }

  #record({ properties = {}, required = [] }: Schema, name: string): string {
    const fields = Object.entries(properties).map(([key, schema]) => {
      const type = this.of(schema, `${name}${pascal(key)}`);
      return `        ${JSON.stringify(key)}: ${required.includes(key) ? type : `NotRequired[${type}]`},`;
    });
    this.#lines.set(name, `${name} = TypedDict(\n    "${name}",\n    {\n${fields.join("\n")}\n    },\n)`);
    return name;
  }
}

function kindOf({ properties }: Schema): string {
  const kind = properties?.["kind"]?.const;
  return typeof kind === "string" ? pascal(kind) : "";
}

function pascal(words: string): string {
  return words.replaceAll(/(^|[-_])([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
