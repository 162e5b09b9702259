/** @file The last task of a divided check: collects the findings in the form of a check on one machine. */

import {
  type ContainedPairs,
  type DataSetFacts,
  type FoundPairs,
  type FoundRepeats,
  joinPairs,
  type Observation,
  observePairs,
  partOf,
  parts,
} from "@tunewise/datacheck";
import { type BlockRows, blockFindings, emptySplit } from "@tunewise/datacheck/dataset";
import type { Finding, Place } from "../../../problem/index.ts";
import { blockOf, factsOf, type Layout, type Task } from "./layout.ts";
import { type BlockPlan, searchesOf, stepsOf } from "./plan.ts";
import type { StoredValues } from "./stored.ts";

/** Facts about a block's rows, without their words. */
export interface ReadFacts extends Omit<BlockRows, "examples"> {
  /** Positions of the block's usable rows, relative to the start of the block. */
  readonly places: { readonly row: Uint32Array; readonly line: Uint32Array };
}

/** Findings of a divided check. */
export interface BlockFindings {
  /** Number of usable rows per part. */
  readonly rows: readonly number[];
  /** Findings about reading the files, before the recipe's severities are applied. */
  readonly findings: readonly Finding[];
  /** Observations without their rows, which are lines of the file `observations.jsonl`. */
  readonly observations: readonly Omit<Observation, "evidence">[];
}

/** File with the findings, without the rows. */
export const resultFile = "result.json";
/** File with the rows, one per line. */
export const evidenceFile = "observations.jsonl";

/**
 * Merges the findings of all tasks, writes them and removes the intermediate values. @throws {TunewiseError}
 * `DATA_SPLIT_EMPTY`
 */
export async function collectFindings({ plan, stored }: Task): Promise<void> {
  const layout = await stored.read<Layout>("layout");
  const facts = await factsOf(plan, stored);
  const rows = parts.map((_, part) => (layout.starts[part + 1] as number) - (layout.starts[part] as number));
  const findings = await readingFindings(plan, stored, rows);
  const observations = await observationsOf(plan, stored, facts, layout);
  await stored.writeBytes(evidenceFile, evidenceLines(observations));
  const result: BlockFindings = {
    rows,
    findings,
    observations: observations.map(({ finding, about }) => ({ finding, about })),
  };
  await stored.writeBytes(resultFile, [`${JSON.stringify(result)}\n`]);
  await stored.write("done/findings-0", true);
  for (const name of leftovers) await stored.remove(name);
  for (const [step, tasks] of stepsOf(plan.blocks)) {
    if (step !== "findings") for (let at = 0; at < tasks; at++) await stored.remove(`done/${step}-${at}`);
  }
}

const leftovers = [
  ...["rows", "words", "facts", "answers", "numbers", "numbered", "same", "following", "repeated", "first"],
  ...["keys", "key-count", "meetings", "wanted", "sent", "similar", "contained", "layout", "statistics"],
];

async function readingFindings(
  { files, blocks, job }: BlockPlan,
  stored: StoredValues,
  rows: readonly number[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [part, file] of files.entries()) {
    if (file === null) continue;
    const own = [...blocks.keys()].filter((block) => blocks[block]?.part === part);
    const facts = await stored.readAll<ReadFacts>(own.length, (at) => `facts/${own[at]}`);
    findings.push(...blockFindings(file, facts, job.options));
  }
  const [train = null, validation = null, test = null] = files.map((file) => file?.shown ?? null);
  for (const [part, name] of parts.entries()) {
    if (rows[part] === 0 && files[part])
      throw emptySplit(name, 0, findings, { train: train ?? "", validation, test });
  }
  return findings;
}

async function observationsOf(
  plan: BlockPlan,
  stored: StoredValues,
  facts: DataSetFacts,
  layout: Layout,
): Promise<Observation[]> {
  const blocks = plan.blocks.length;
  const repeats = await stored.readAll<FoundRepeats>(blocks, (at) => `repeated/${at}`);
  const answers = await stored.readAll<Int32Array>(blocks, (at) => `answers/${at}`);
  const answerOf = (row: number): number => {
    const block = blockOf(layout, row);
    return answers[block]?.[row - (layout.firstRows[block] as number)] as number;
  };
  const pairs = joinPairs(
    {
      repeated: repeats.map((one) => one.pairs),
      similar: await stored.readAll<FoundPairs>(blocks, (at) => `similar/${at}`),
      contained: await stored.readAll<ContainedPairs>(searchesOf(plan.blocks), (at) => `contained/${at}`),
      followers: repeats.map((one) => one.followers),
      answerOf,
    },
    facts,
  );
  const sameAnswer = new Set(
    repeats.flatMap(({ pairs: { row, other }, haveSameAnswer }) =>
      [...row.keys()].filter((at) => haveSameAnswer[at] === 1).map((at) => `${row[at]} ${other[at]}`),
    ),
  );
  const places = await placesOf(plan, stored, layout);
  return observePairs(
    {
      partOf: (row) => parts[partOf(facts, row)] ?? "train",
      placeOf: places,
      haveSameAnswer: (row, other) => sameAnswer.has(`${row} ${other}`),
      total: (part) => {
        const at = parts.indexOf(part as (typeof parts)[number]);
        return (facts.starts[at + 1] ?? 0) - (facts.starts[at] ?? 0);
      },
    },
    pairs,
    { called: undefined, areLabels: facts.areLabels },
  );
}

/** Resolves each row to its position in its file. */
async function placesOf(
  { files, blocks }: BlockPlan,
  stored: StoredValues,
  layout: Layout,
): Promise<(row: number) => Place> {
  const all = await stored.readAll<ReadFacts>(blocks.length, (at) => `facts/${at}`);
  const before: { rows: number; lines: number }[] = [];
  for (const [at, { part }] of blocks.entries()) {
    const last = at > 0 && blocks[at - 1]?.part === part ? at - 1 : -1;
    before.push({
      rows: last < 0 ? 0 : (before[last]?.rows ?? 0) + (all[last]?.records ?? 0),
      lines: last < 0 ? 0 : (before[last]?.lines ?? 0) + (all[last]?.lines ?? 0),
    });
  }
  return (row) => {
    const block = blockOf(layout, row);
    const at = row - (layout.firstRows[block] as number);
    const { places } = all[block] as ReadFacts;
    return {
      file: files[blocks[block]?.part ?? 0]?.shown ?? "",
      row: (before[block]?.rows ?? 0) + (places.row[at] as number),
      line: (before[block]?.lines ?? 0) + (places.line[at] as number),
    };
  };
}

/** One line for each row of each observation. */
function* evidenceLines(observations: readonly Observation[]): Generator<string> {
  for (const [number, { finding, evidence }] of observations.entries()) {
    for (const one of evidence)
      yield `${JSON.stringify({ observation: number, code: finding.code, ...one })}\n`;
  }
}
