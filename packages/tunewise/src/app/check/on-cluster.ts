/** @file `tunewise check --on`: finds unusable, repeated and leaked rows on the nodes of a Ray cluster. */
import { createHash } from "node:crypto";
import { relative, resolve } from "node:path";
import { countOf } from "@tunewise/core/quantity";
import { readRegularFile } from "@tunewise/core/untrusted";
import type { Observation } from "@tunewise/datacheck";
import { z } from "zod";
import { packageFile } from "../../catalog/index.ts";
import { driveCheck, inspectCluster } from "../../executors/index.ts";
import { gradeFindings, type LoadedRecipe } from "../../prepare/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { BlockFindings } from "./blocks/findings.ts";
import type { BlockJob } from "./blocks/plan.ts";
import { worstFirst } from "./check-data.ts";

const maxProgramBytes = 16 << 20;
/** Default bytes of a block: about 200,000 short rows, whose keys take a few hundred megabytes. */
const usualBlockBytes = 32 << 20;
/** Heap limit of a task. Typed arrays are outside the heap. */
const taskMegabytes = 4096;

/** Checks that a cluster does not run. */
export const leftOut: readonly string[] = [
  "paraphrases",
  "benchmarks",
  "groups and times across parts",
  "quality of rows and labels",
  "poisoned rows",
  "secrets",
  "insecure code",
  "tokens and lengths",
  "models and scores of the recipe",
];

/** Where a check runs. */
export interface ClusterPlace {
  readonly address: string;
  /** Folder that all nodes reach under this path. */
  readonly storage: string;
  /** Code of the findings whose rows are returned too; `*` for all, `null` for none. */
  readonly show?: string | null;
  /** Bytes of a block; defaults to 32 MiB. */
  readonly blockBytes?: number;
  /** Path of the program that nodes run; defaults to the package's own. */
  readonly program?: string;
}

/** Result of a check on a cluster. */
export interface ClusterCheck {
  readonly name: string;
  readonly recipe: string;
  /** Number of usable rows per part. */
  readonly rows: Readonly<Record<"train" | "validation" | "test", number>>;
  readonly findings: readonly Finding[];
  /** Observations that `show` requested, with their rows. */
  readonly observations: readonly Observation[];
  /** Checks that were not run. */
  readonly leftOut: readonly string[];
  /** Folder on the cluster with all rows in `observations.jsonl`. */
  readonly folder: string;
}

/** Progress of a check. */
export interface CheckProgress {
  readonly step: string;
  readonly tasks: number;
  readonly done: number;
}

const count = z.int().min(0);
const placeSchema = z.object({
  file: z.string(),
  row: count.exactOptional(),
  line: count.exactOptional(),
  column: count.exactOptional(),
  text: z.string().exactOptional(),
});
const findingSchema: z.ZodType<Finding> = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "note"]),
  title: z.string(),
  detail: z.string(),
  where: z.array(placeSchema),
  count,
  fix: z.string(),
});
const resultSchema: z.ZodType<BlockFindings> = z.object({
  rows: z.array(count),
  findings: z.array(findingSchema),
  observations: z.array(
    z.object({ finding: findingSchema, about: z.record(z.string(), z.union([z.string(), z.number()])) }),
  ),
});
/** A row of an observation, which is given by its index. */
type EvidenceRow = Observation["evidence"][number] & { readonly observation: number; readonly code: string };
const rowsSchema: z.ZodType<EvidenceRow[]> = z.array(
  z.object({
    observation: count,
    code: z.string(),
    place: placeSchema,
    reason: z.string(),
    other: placeSchema.exactOptional(),
    answerLine: count.exactOptional(),
    remedy: z.enum(["drop", "drop-other", "redact"]).exactOptional(),
  }),
);

/**
 * Checks data on the storage of a Ray cluster. The rows stay there.
 *
 * @throws {TunewiseError} `CHECK_NOT_ON_CLUSTER`, `DATA_SPLIT_EMPTY`, and those of `inspectCluster` and `driveCheck`
 */
export async function checkOnCluster(
  loaded: LoadedRecipe,
  runtime: Runtime,
  place: ClusterPlace,
  onProgress?: (progress: CheckProgress) => void,
): Promise<ClusterCheck> {
  const { recipe } = loaded;
  const program = await readRegularFile(
    place.program ?? packageFile("dist/cli/check-block.js"),
    maxProgramBytes,
  );
  const job = jobOf(loaded, place, createHash("sha256").update(program).digest("hex"));
  const { address, storage, show = null } = place;
  await inspectCluster(address, runtime);
  let found: BlockFindings | null = null;
  let folder = "";
  const rows: EvidenceRow[] = [];
  const asked = { address, storage, job, program, show, megabytes: taskMegabytes };
  for await (const message of driveCheck(asked, runtime)) {
    if ("step" in message) onProgress?.(message);
    else if ("rows" in message) rows.push(...told(rowsSchema, message.rows, address));
    else [found, folder] = [told(resultSchema, message.result, address), message.folder];
  }
  if (found === null) throw new Error("Internal: a check ended without a result");
  const observations = observationsOf(found, rows, loaded);
  const [train = 0, validation = 0, test = 0] = found.rows;
  const graded = gradeFindings(
    [...found.findings, ...found.observations.map(({ finding }) => finding)],
    recipe.checks,
  );
  return {
    name: recipe.name,
    recipe: relative(runtime.cwd, loaded.path),
    rows: { train, validation, test },
    findings: worstFirst(graded),
    observations,
    leftOut,
    folder,
  };
}

/** Validates the cluster's reply against the schema. @throws {TunewiseError} `CHECK_BLOCK_FAILED` */
function told<Value>(schema: z.ZodType<Value>, value: unknown, address: string): Value {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const reason = `its response is not valid: ${issue?.path.join(".")}: ${issue?.message}`;
  throw problem("CHECK_BLOCK_FAILED", { address, task: "the driver", reason });
}

function observationsOf(
  { observations }: BlockFindings,
  rows: readonly EvidenceRow[],
  { recipe }: LoadedRecipe,
): Observation[] {
  const evidence = new Map<number, Observation["evidence"][number][]>();
  for (const { observation, code: _, ...row } of rows) {
    const known = evidence.get(observation);
    if (known === undefined) evidence.set(observation, [row]);
    else known.push(row);
  }
  return observations.flatMap(({ finding, about }, at) => {
    const own = evidence.get(at);
    const [graded] = gradeFindings([finding], recipe.checks);
    return own === undefined || graded === undefined ? [] : [{ finding: graded, about, evidence: own }];
  });
}

/** Describes the job for the nodes. @throws {TunewiseError} `CHECK_NOT_ON_CLUSTER` */
function jobOf({ recipe, folder }: LoadedRecipe, place: ClusterPlace, program: string): BlockJob {
  const { data, task } = recipe;
  if (data.mix !== null)
    throw unfit(
      `data.mix names ${countOf(data.mix.length, "source")}`,
      "write the training rows as one JSONL file and name it as data.train",
    );
  const files = [data.train, data.validation, data.test];
  for (const file of files) {
    if (file?.startsWith("hub:"))
      throw unfit(
        `${file} is downloaded, but nodes only read files`,
        "put the file on the cluster's storage",
      );
  }
  for (const part of ["validation", "test"] as const) {
    if (data[part] === null && data.split[part] > 0)
      throw unfit(
        `the recipe splits its ${part} rows from ${data.train}, by data.split.${part}`,
        `write a file for them and name it as data.${part}, or set data.split.${part} to 0`,
      );
  }
  const limit = Object.entries(data.rows).find(([, most]) => most !== null);
  if (limit !== undefined)
    throw unfit(`the recipe limits the ${limit[0]} rows to ${limit[1]}`, `remove data.rows.${limit[0]}`);
  const { format, columns, answers, system, promptTemplate, badRows, group, time } = data;
  return {
    storage: place.storage,
    files: files.map((shown) => (shown === null ? null : { path: resolve(folder, shown), shown })),
    options: { format, columns, answers, system, promptTemplate, badRows, group, time },
    areLabels: task.kind === "classify",
    blockBytes: place.blockBytes ?? usualBlockBytes,
    program,
  };
}

function unfit(what: string, fix: string): Error {
  return problem("CHECK_NOT_ON_CLUSTER", { what, fix });
}
