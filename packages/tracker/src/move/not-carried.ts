/**
 * @file Lists what an export leaves out, by kind and count. Each format has gaps that users must know before and after
 * an export.
 */
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { runFilesKey } from "../artifacts/run-places.ts";
import type { Reader, SqlValue } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { promptTag } from "../models/registry-search.ts";
import { filesInFolder } from "../wandb/run-files.ts";
import { maxListedNames, type NotCarried, Tally } from "./history.ts";
import type { RunChoice, StoredRun } from "./stored-runs.ts";

/** An export format; CSV and Parquet contain the same tables. */
export type ExportShape = "tables" | "mlflow" | "wandb";

/** A kind of items, stored as rows. */
interface Kind {
  readonly kind: string;
  /** Formats that include it. */
  readonly carriedBy: readonly ExportShape[];
  /** The FROM clause and a WHERE condition. */
  readonly from: string;
  /** Column with the name of an item. */
  readonly name: string;
  /** What to count; default: rows. */
  readonly count?: string;
  /** Columns with the numbers of project and run. If only some runs are exported, kinds without a run are ignored. */
  readonly project: string;
  readonly run: string | null;
}

const ofRun = "JOIN runs r ON r.number = i.run WHERE r.stage = 'active'";
const byRun = { name: "r.id", project: "r.project", run: "r.number" } as const;
/** Registered models with their versions, and the runs of those versions. */
const registry = `registered_models m LEFT JOIN model_versions v ON v.model = m.number LEFT JOIN runs r ON r.id = v.run
  LEFT JOIN registered_model_tags p ON p.model = m.number AND p.key = '${promptTag}'`;
const byVersion = { project: "r.project", run: "r.number" } as const;

const kinds: readonly Kind[] = [
  {
    kind: "deleted runs",
    carriedBy: [],
    from: "runs r WHERE r.stage = 'deleted'",
    name: "r.id",
    project: "r.project",
    run: null,
  },
  {
    kind: "projects without runs",
    carriedBy: [],
    from: `projects p WHERE p.stage = 'active' AND p.number > 0
      AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.project = p.number AND r.stage = 'active')`,
    name: "p.name",
    project: "p.number",
    run: null,
  },
  {
    kind: "tags of projects",
    carriedBy: ["mlflow"],
    from: "project_tags t JOIN projects p ON p.number = t.project WHERE p.stage = 'active'",
    name: "t.key",
    project: "t.project",
    run: null,
  },
  {
    kind: "logged models",
    carriedBy: [],
    from: "logged_models m LEFT JOIN runs r ON r.id = m.source_run WHERE m.stage = 'active'",
    name: "m.id",
    project: "m.project",
    run: "r.number",
  },
  {
    kind: "registered models",
    carriedBy: [],
    from: `${registry} WHERE p.value IS NULL`,
    name: "m.name",
    count: "DISTINCT m.number",
    ...byVersion,
  },
  {
    kind: "model versions",
    carriedBy: [],
    from: `${registry} WHERE p.value IS NULL AND v.number IS NOT NULL`,
    name: "m.name",
    ...byVersion,
  },
  {
    kind: "model aliases",
    carriedBy: [],
    from: `${registry} JOIN model_aliases a ON a.version = v.number WHERE p.value IS NULL`,
    name: "a.alias",
    ...byVersion,
  },
  {
    kind: "prompts",
    carriedBy: [],
    from: `${registry} WHERE p.value IS NOT NULL`,
    name: "m.name",
    count: "DISTINCT m.number",
    ...byVersion,
  },
  {
    kind: "traces",
    carriedBy: [],
    from: "traces t LEFT JOIN run_traces l ON l.trace = t.id LEFT JOIN runs r ON r.number = l.run WHERE 1 = 1",
    name: "t.id",
    count: "DISTINCT t.number",
    project: "t.project",
    run: "r.number",
  },
  { kind: "data set inputs", carriedBy: ["mlflow"], from: `inputs i ${ofRun}`, ...byRun },
  {
    kind: "W&B artifacts",
    carriedBy: [],
    from: "wandb_artifacts a LEFT JOIN runs r ON r.number = a.run WHERE a.state = 'COMMITTED'",
    name: "a.collection",
    project: "a.project",
    run: "r.number",
  },
  {
    kind: "W&B rows with values that are not numbers",
    carriedBy: ["tables", "wandb"],
    from: `wandb_rows i ${ofRun} AND i.kind = 'history'`,
    ...byRun,
  },
  {
    kind: "alerts",
    carriedBy: ["tables"],
    from: `wandb_rows i ${ofRun} AND i.kind = 'alert'`,
    ...byRun,
  },
  { kind: "console lines", carriedBy: ["wandb"], from: `console_lines i ${ofRun}`, ...byRun },
  { kind: "ledger entries", carriedBy: ["tables"], from: `spend i ${ofRun}`, ...byRun },
  {
    kind: "files in folders of tunewise's runs",
    carriedBy: [],
    from: `artifacts i ${ofRun}`,
    ...byRun,
  },
];

/**
 * Lists what an export leaves out.
 *
 * @param runs the exported runs
 */
export async function listNotCarried(
  store: { readonly database: Reader; readonly artifacts: ArtifactStore },
  shape: ExportShape,
  choice: RunChoice,
  runs: AsyncIterable<StoredRun>,
): Promise<NotCarried[]> {
  const numbers: number[] = [];
  const files = new Tally("files");
  for await (const run of runs) {
    numbers.push(run.number);
    // Offline runs include the files of W&B clients.
    if (shape === "mlflow" || (shape === "wandb" && run.client === "wandb")) continue;
    for await (const { path } of filesInFolder(store.artifacts, runFilesKey(run)))
      files.add(`${run.id}/${path}`);
  }
  const listed: NotCarried[] = [];
  for (const kind of kinds.filter(({ carriedBy }) => !carriedBy.includes(shape))) {
    const within = conditionOf(kind, choice, numbers);
    if (within === null) continue;
    listed.push(await countKind(store.database, kind, within));
  }
  return [...listed, files.total()].filter(({ count }) => count > 0);
}

/** The condition on a kind's rows; `null` if the kind does not apply to an export of some runs. */
function conditionOf(
  { project, run }: Kind,
  choice: RunChoice,
  numbers: readonly number[],
): { readonly sql: string; readonly values: readonly SqlValue[] } | null {
  if (choice.ids.length > 0)
    return run === null ? null : { sql: `${run} IN (${placeholders(numbers)})`, values: numbers };
  return choice.project === null
    ? { sql: "1 = 1", values: [] }
    : { sql: `${project} = ?`, values: [choice.project.number] };
}

async function countKind(
  reader: Reader,
  { kind, from, name, count = "*" }: Kind,
  { sql, values }: { readonly sql: string; readonly values: readonly SqlValue[] },
): Promise<NotCarried> {
  const where = `FROM ${from} AND ${sql}`;
  const [row] = await reader.all(`SELECT count(${count}) AS count ${where}`, ...values);
  const named = `SELECT DISTINCT ${name} AS name ${where} ORDER BY 1 LIMIT ${maxListedNames}`;
  const names = (await reader.all(named, ...values)).map((item) => String(item["name"]));
  return { kind, count: Number(row?.["count"] ?? 0), names };
}
