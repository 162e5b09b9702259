/** The same kind of invalid input ends every command with the same exit code. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { invoke } from "../../packages/tunewise/src/cli/index.ts";
import { project, recipe, useProjects } from "../support/run-projects.ts";
import { fakeIo } from "./fake-io.ts";

useProjects();

/** Commands that read the recipe and its data, without training. */
const ofRecipe = [["check"], ["plan"], ["run", "--yes"], ["try", "--dry-run"], ["search", "--dry-run"]];
const initOf = (file: string): string[] => ["init", file, "--output", "other.yaml", "--yes"];
const inRecipe = (from: string | RegExp, to: string): string => recipe().replace(from, to);
const trainOf = (file: string): string => inRecipe("train.jsonl", file);

interface Kind {
  readonly name: string;
  readonly code: number;
  readonly recipe?: string;
  /** Files to write into the folder; `null` creates a folder of that name. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly commands: readonly (readonly string[])[];
}

const tooDeep = "[".repeat(100_000);

const kinds: readonly Kind[] = [
  // data
  {
    name: "a data file without rows",
    code: 64,
    recipe: trainOf("d.jsonl"),
    files: { "d.jsonl": "" },
    commands: [...ofRecipe, initOf("d.jsonl")],
  },
  {
    name: "a missing data file",
    code: 64,
    recipe: trainOf("d.jsonl"),
    commands: [...ofRecipe, initOf("d.jsonl")],
  },
  {
    name: "a folder in place of a data file",
    code: 64,
    recipe: trainOf("d.jsonl"),
    files: { "d.jsonl": null },
    commands: [...ofRecipe, initOf("d.jsonl")],
  },
  {
    name: "a kind of file that is not read",
    code: 64,
    recipe: trainOf("d.docx"),
    files: { "d.docx": "x" },
    commands: [...ofRecipe, initOf("d.docx")],
  },
  {
    name: "a data file that is not JSON at all",
    code: 64,
    recipe: trainOf("d.jsonl"),
    files: { "d.jsonl": "hello\nyou\n" },
    commands: [...ofRecipe, initOf("d.jsonl")],
  },
  {
    name: "rows of an unknown format",
    code: 64,
    recipe: trainOf("d.jsonl"),
    files: { "d.jsonl": '{"x":1}\n'.repeat(60) },
    commands: [...ofRecipe, initOf("d.jsonl")],
  },
  {
    name: "a damaged Parquet file",
    code: 64,
    recipe: trainOf("d.parquet"),
    files: { "d.parquet": "PAR1 nothing PAR1" },
    commands: [...ofRecipe, initOf("d.parquet")],
  },
  {
    name: "a table without rows",
    code: 64,
    recipe: trainOf("d.csv"),
    files: { "d.csv": "prompt,completion\n" },
    commands: [...ofRecipe, initOf("d.csv")],
  },
  {
    name: "binary rubbish",
    code: 64,
    recipe: trainOf("d.jsonl"),
    files: { "d.jsonl": "\u0000\u0001\u0002" },
    commands: [...ofRecipe, initOf("d.jsonl")],
  },
  {
    name: "a missing test file",
    code: 64,
    recipe: inRecipe("test: test.jsonl", "test: none.jsonl"),
    commands: ofRecipe,
  },
  {
    name: "an empty test file",
    code: 64,
    recipe: inRecipe("test: test.jsonl", "test: none.jsonl"),
    files: { "none.jsonl": "" },
    commands: ofRecipe,
  },
  // recipe
  {
    name: "no recipe",
    code: 64,
    recipe: "",
    commands: ofRecipe.map(([command, ...rest]) => [String(command), "missing.yaml", ...rest]),
  },
  { name: "an empty recipe", code: 64, recipe: "", commands: ofRecipe },
  { name: "invalid YAML", code: 64, recipe: "a: [", commands: ofRecipe },
  { name: "YAML nested too deep", code: 64, recipe: `name: ${tooDeep}`, commands: ofRecipe },
  { name: "an unknown key", code: 64, recipe: recipe("colour: red\n"), commands: ofRecipe },
  { name: "a key twice", code: 64, recipe: recipe("name: again\n"), commands: ofRecipe },
  { name: "an unknown choice", code: 64, recipe: inRecipe("kind: lora", "kind: lara"), commands: ofRecipe },
  { name: "an unknown metric", code: 64, recipe: inRecipe("json_valid", "json_value"), commands: ofRecipe },
  {
    name: "an unknown optimizer",
    code: 64,
    recipe: inRecipe("steps: 8", "steps: 8, optimizer: adom"),
    commands: ofRecipe,
  },
  { name: "a number out of range", code: 64, recipe: inRecipe("rank: 4", "rank: -4"), commands: ofRecipe },
  {
    name: "text in place of a number",
    code: 64,
    recipe: inRecipe("steps: 8", "steps: many"),
    commands: ofRecipe,
  },
  {
    name: "a folder in place of the recipe",
    code: 64,
    recipe: recipe(),
    files: { "folder.yaml": null },
    commands: ofRecipe.map(([command, ...rest]) => [String(command), "folder.yaml", ...rest]),
  },
  // models
  {
    name: "a model folder that does not exist",
    code: 64,
    recipe: inRecipe(/model: .*/, "model: ./none"),
    commands: [...ofRecipe, ["model", "generate", "./none", "hello"], ["model", "chat", "./none"]],
  },
  {
    name: "a model file that is damaged",
    code: 64,
    recipe: inRecipe(/model: .*/, "model: ./m.gguf"),
    files: { "m.gguf": "GGUF?" },
    commands: [...ofRecipe, ["model", "generate", "./m.gguf", "hello"]],
  },
  {
    name: "an invalid model id",
    code: 64,
    recipe: inRecipe(/model: .*/, "model: 'a b/c d'"),
    commands: ofRecipe,
  },
  // runs
  {
    name: "an unknown run",
    code: 64,
    commands: [
      ["runs", "show", "nope"],
      ["runs", "stop", "nope"],
      ["resume", "nope"],
      ["report", "nope"],
      ["compare", "nope", "nope2"],
      ["model", "export", "nope", "--format", "gguf"],
      ["model", "generate", "nope", "hi"],
      ["runs", "evaluate", "nope"],
      ["runs", "charge", "nope", "1usd"],
    ],
  },
  {
    name: "no run yet",
    code: 64,
    commands: [
      ["runs", "show", "latest"],
      ["resume", "latest"],
      ["report", "latest"],
      ["model", "export", "latest", "--format", "gguf"],
      ["model", "generate", "latest", "hi"],
      ["runs", "evaluate", "latest"],
    ],
  },
  {
    name: "a plan file that is not one",
    code: 64,
    files: { "plan.json": "{}" },
    commands: [["run", "plan.json", "--yes"]],
  },
  // the command line
  {
    name: "an unknown flag",
    code: 64,
    commands: [
      ...ofRecipe.map((words) => [...words, "--nope"]),
      ["runs", "list", "--nope"],
      ["init", "--nope"],
    ],
  },
  { name: "an unknown command", code: 64, commands: [["nope"], ["runs", "nope"], ["model", "nope"]] },
  {
    name: "a flag without its value",
    code: 64,
    commands: [
      ["check", "--show"],
      ["plan", "--output"],
      ["run", "--budget"],
      ["init", "--model"],
    ],
  },
  {
    name: "a budget without a unit",
    code: 64,
    commands: [
      ["run", "--budget", "20", "--yes"],
      ["try", "--budget", "20", "--dry-run"],
      ["search", "--budget", "20", "--dry-run"],
      ["exec", "--budget", "20", "--", "true"],
      ["cost", "budget", "set", "20"],
    ],
  },
  {
    name: "a budget that is not an amount",
    code: 64,
    commands: [
      ["run", "--budget", "lots", "--yes"],
      ["try", "--budget", "lots", "--dry-run"],
      ["search", "--budget", "lots", "--dry-run"],
      ["exec", "--budget", "lots", "--", "true"],
      ["cost", "budget", "set", "lots"],
    ],
  },
  {
    name: "a rate that is not a price",
    code: 64,
    commands: [
      ["exec", "--budget", "1usd", "--rate", "cheap", "--", "true"],
      ["init", "train.jsonl", "--rate", "cheap"],
    ],
  },
  {
    name: "an unknown place to train",
    code: 64,
    commands: [
      ["run", "--on", "moon", "--yes"],
      ["search", "--on", "moon", "--dry-run"],
      ["plan", "--on", "moon"],
    ],
  },
  {
    name: "an unknown output format",
    code: 64,
    commands: [
      ["check", "--format", "papyrus"],
      ["model", "export", "latest", "--format", "papyrus"],
    ],
  },
  {
    name: "text in place of a number on the command line",
    code: 64,
    commands: [
      ["check", "--rows", "many"],
      ["model", "generate", "latest", "hi", "--max-new-tokens", "many"],
      ["init", "train.jsonl", "--usd-per-hour", "many"],
    ],
  },
  {
    name: "a day that is not one",
    code: 64,
    commands: [
      ["cost", "report", "--since", "yesterday"],
      ["cost", "report", "--until", "2026-13-40"],
    ],
  },
  { name: "a problem code that does not exist", code: 64, commands: [["explain", "NOPE"]] },
];

/** Runs a command in a folder of the kind and returns its exit code and stderr. */
async function end(kind: Kind, index: number, words: readonly string[]): Promise<[number, string]> {
  const cwd = project(`kind-${index}`, kind.recipe ?? recipe());
  for (const [name, text] of Object.entries(kind.files ?? {})) {
    if (text === null) mkdirSync(join(cwd, name), { recursive: true });
    else writeFileSync(join(cwd, name), text);
  }
  const { io, stderr, stdout } = fakeIo({ cwd, env: { HF_TOKEN: "", HOME: cwd } });
  const code = await invoke([...words], io);
  return [code, `${stderr()} ${stdout().slice(0, 200)}`];
}

test.each(kinds.map((kind, index) => [kind.name, kind, index] as const))("%s", async (_, kind, index) => {
  const found: Record<string, string> = {};
  for (const words of kind.commands) {
    const [code, text] = await end(kind, index, words);
    if (code !== kind.code) found[words.join(" ")] = `${code}: ${text.slice(0, 400)}`;
  }
  expect(found).toEqual({});
});
