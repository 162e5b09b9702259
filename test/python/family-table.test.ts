/** @file The table of model families agrees with transformers: names, widths, biases and defaults of each row. */
import { resolve } from "node:path";
import { type FamilyName, families } from "@tunewise/engine/families";
import { expect, test } from "vitest";
import { describeModel } from "../../packages/tunewise/src/catalog/index.ts";
import { endedProgram } from "../support/ended-program.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
const names = Object.keys(families) as FamilyName[];

/** What transformers builds. */
interface Built {
  readonly className: string;
  readonly parameters: number;
  /** Input width, output width and bias of each linear module of a layer. */
  readonly projections: Readonly<Record<string, readonly [inputs: number, outputs: number, bias: boolean]>>;
}

/** Sizes alone, so that everything else is a default. Families that share no key heads have as many as heads. */
function sizesOf(name: FamilyName): Record<string, number> {
  const { groupedHeads, isFourWide, experts } = families[name];
  return {
    vocab_size: 100,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: groupedHeads ? 2 : 4,
    max_position_embeddings: 64,
    ...(isFourWide ? {} : { intermediate_size: 48 }),
    ...(experts === null ? {} : { num_experts_per_tok: 2, num_experts: 4, [experts]: 24 }),
  };
}

test.skipIf(python === "")(
  "every row describes the model that transformers builds",
  async () => {
    const sizes = Object.fromEntries(names.map((name) => [name, sizesOf(name)]));
    const words = [resolve("test/python/models/describe.py"), ...names];
    const { status, stdout, stderr } = await endedProgram(python, words, JSON.stringify(sizes));
    expect(status, stderr).toBe(0);
    const built = stdout.trim().split("\n");
    expect(built).toHaveLength(names.length);
    for (const [at, name] of names.entries()) {
      const { className, parameters, projections } = JSON.parse(built[at] ?? "") as Built;
      const { model } = describeModel({ model_type: name, ...sizes[name] });
      const row = families[name];
      expect(className, name).toBe(row.className);
      expect(model?.parameters.total, name).toBe(parameters);
      const dense = Object.values(row.paths).filter((path) => path !== null && !/^mlp/.test(path));
      const paths = row.experts === null ? Object.values(row.paths).filter((path) => path !== null) : dense;
      expect(Object.keys(projections).sort(), name).toEqual([...new Set(paths)].sort());
      const ours = model?.projections.filter(({ ofExperts }) => !ofExperts) ?? [];
      const found = ours.map((one) => [one.name, one.inputWidth, one.outputWidth, one.bias]);
      const expected = Object.entries(projections).map(([path, values]) => [
        path.slice(path.lastIndexOf(".") + 1),
        ...values,
      ]);
      expect(found.sort(), name).toEqual(expected.sort());
    }
  },
  120_000,
);
