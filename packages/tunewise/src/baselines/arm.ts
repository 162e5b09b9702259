/** @file Arms: fully specified ways of answering, expanded from the recipe's variant groups. */
import { basename } from "node:path";
import { countOf } from "@tunewise/core/quantity";
import type { ArmSection, EndpointSection, Recipe, RetrievalSection } from "../recipe/index.ts";

/** A fully specified way of answering. */
export interface Arm {
  /** File-safe and unique within a try: `prompt-4-examples`. */
  readonly id: string;
  readonly name: string;
  readonly model: ArmSection["model"];
  readonly run: string | null;
  /** For `tuned` points of the learning curve, the number of training rows; `null` for all rows. */
  readonly trainedRows: number | null;
  readonly file: string | null;
  readonly endpoint: EndpointSection | null;
  /** System message; `null` for the default. */
  readonly instructions: string | null;
  /** Few-shot examples; for `neighbours`, the rows that vote. */
  readonly examples: number;
  readonly choose: ArmSection["choose"];
  readonly passages: number;
  readonly oracle: boolean;
}

/** A variant group of the recipe: its best candidate on the validation rows is tried on the test rows. */
export interface ArmLine {
  readonly name: string;
  readonly candidates: readonly [Arm, ...Arm[]];
}

/** Variant groups of a recipe, or the default ones. Candidates have unique names. */
export function armLines(recipe: Recipe): ArmLine[] {
  const sections = recipe.comparison.length > 0 ? recipe.comparison : defaultArms(recipe);
  const taken = new Set<string>();
  return sections.map((section) => {
    const candidates = candidatesOf(section).map((arm) => ({ ...arm, id: free(arm.id, taken) }));
    const [first] = candidates;
    if (first === undefined) throw new Error("Internal: an arm without candidates");
    const name = section.name ?? (candidates.length === 1 ? first.name : lineName(section));
    return { name, candidates: candidates as unknown as ArmLine["candidates"] };
  });
}

/** One group per point of the learning curve, except the point on all rows. */
export function curveLines(sizes: readonly number[]): ArmLine[] {
  return sizes.map((rows) => {
    const name = `tuned on ${countOf(rows, "row")}`;
    const arm: Arm = {
      ...plain,
      model: "tuned",
      examples: 0,
      passages: 0,
      trainedRows: rows,
      id: `learning-curve-${rows}`,
      name,
    };
    return { name, candidates: [arm] };
  });
}

/** Default arms of a recipe without `comparison`, cheapest first. */
function defaultArms({ task, retrieval }: Recipe): ArmSection[] {
  const looksUp = retrieval.documents.length > 0;
  return [
    plain,
    { ...plain, examples: [2, 4, 8] },
    ...(task.kind === "classify" ? [{ ...plain, model: "neighbours" as const, examples: [1, 5, 15] }] : []),
    ...(looksUp
      ? [
          { ...plain, passages: [1, 3, 5] },
          { ...plain, passages: 3, examples: 2 },
        ]
      : []),
    ...(looksUp ? [{ ...plain, passages: 3, oracle: true }] : []),
    { ...plain, model: "tuned" },
    ...(looksUp ? [{ ...plain, model: "tuned" as const, passages: 3 }] : []),
  ];
}

const plain: ArmSection = {
  name: null,
  model: "base",
  run: null,
  file: null,
  endpoint: null,
  instructions: null,
  examples: 0,
  choose: "nearest",
  passages: 0,
  oracle: false,
};

function candidatesOf(section: ArmSection): Arm[] {
  const examples = amounts(section.examples);
  const passages = amounts(section.passages);
  return examples.flatMap((k) =>
    passages.map((p) => {
      const counted = { ...section, examples: k, passages: p, trainedRows: null };
      const name = nameOf(counted);
      const single = examples.length * passages.length === 1;
      const shown = single
        ? (section.name ?? name)
        : section.name === null
          ? name
          : `${section.name}, ${name}`;
      return { ...counted, id: slug(shown), name: shown };
    }),
  );
}

function amounts(given: number | readonly number[]): readonly number[] {
  const list = typeof given === "number" ? [given] : [...new Set(given)];
  return list.length === 0 ? [0] : list;
}

/** Describes an arm in words. */
function nameOf(
  arm: Pick<Arm, "model" | "file" | "endpoint" | "examples" | "choose" | "passages" | "oracle">,
): string {
  const { model, file, endpoint, examples, choose, passages, oracle } = arm;
  if (model === "neighbours") return counted(Math.max(1, examples), "neighbour");
  const local = basename(file ?? "local", ".gguf");
  const speaker = { base: "prompt", tuned: "tuned", api: endpoint?.model ?? "api", local }[model];
  return [
    speaker,
    ...(examples > 0 ? [counted(examples, choose === "fixed" ? "fixed example" : "example")] : []),
    ...(passages > 0 ? [counted(passages, oracle ? "right passage" : "passage")] : []),
  ].join(" + ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function lineName(section: ArmSection): string {
  const most = {
    examples: Math.max(...amounts(section.examples)),
    passages: Math.max(...amounts(section.passages)),
  };
  return nameOf({ ...section, ...most }).replace(/\d+ (?=fixed |right |example|passage|neighbour)/g, "");
}

/** Converts a name to a file-safe id. */
function slug(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["arm"];
  return words.join("-").slice(0, 80);
}

function free(id: string, taken: Set<string>): string {
  let name = id;
  for (let count = 2; taken.has(name); count++) name = `${id}-${count}`;
  taken.add(name);
  return name;
}

/** Whether a method compares passages by vectors. */
export function needsVectors(method: RetrievalSection["method"]): boolean {
  return method === "dense" || method === "hybrid";
}

/** Whether vectors come from the recipe's own model. */
export function needsOwnVectors({
  documents,
  method,
  embedding,
}: Pick<RetrievalSection, "documents" | "method" | "embedding">): boolean {
  return documents.length > 0 && embedding === null && needsVectors(method);
}
