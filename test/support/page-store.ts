/** @file Runs for tests of the page, logged like MLflow's clients log them. */
import type { Team } from "./team-server.ts";

/** The run to log. */
export interface LoggedRun {
  readonly name: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Values by step, starting at step 1. */
  readonly metrics?: Readonly<Record<string, readonly number[]>>;
  /** `null`: still running. */
  readonly status?: "FINISHED" | "FAILED" | "KILLED" | null;
}

const api = "/api/2.0/mlflow";

/** Creates a project and returns its number. */
export async function makeProject({ ask }: Team, name: string): Promise<string> {
  const { body } = await ask("root", "POST", `${api}/experiments/create`, { name });
  return String(body.experiment_id);
}

/** Logs a run and returns its ID. */
export async function logRun(
  team: Team,
  project: string,
  { name, params = {}, tags = {}, metrics = {}, status = "FINISHED" }: LoggedRun,
): Promise<string> {
  const begun = Date.now() - 60_000;
  const created = await team.ask("root", "POST", `${api}/runs/create`, {
    experiment_id: project,
    run_name: name,
    start_time: begun,
    tags: pairs(tags),
  });
  const id = String(created.body.run.info.run_id);
  const points = Object.entries(metrics).flatMap(([key, values]) =>
    values.map((value, at) => ({ key, value, step: at + 1, timestamp: begun + at * 1000 })),
  );
  await logBatch(team, id, points, pairs(params));
  if (status !== null) {
    const end = { run_id: id, status, end_time: begun + 50_000 };
    await team.ask("root", "POST", `${api}/runs/update`, end);
  }
  return id;
}

/** A point of a metric. */
export interface LoggedPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/** Logs more points of a run. */
export async function logBatch(
  { ask }: Team,
  id: string,
  metrics: readonly LoggedPoint[],
  params: readonly { readonly key: string; readonly value: string }[] = [],
): Promise<void> {
  for (let from = 0; from === 0 || from < metrics.length; from += 1000) {
    const part = metrics.slice(from, from + 1000);
    const { status, text } = await ask("root", "POST", `${api}/runs/log-batch`, {
      run_id: id,
      metrics: part,
      params: from === 0 ? params : [],
    });
    if (status !== 200) throw new Error(text);
  }
}

function pairs(words: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(words).map(([key, value]) => ({ key, value }));
}

/** A curve that falls from `from` towards `to`. */
export function falling(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, at) => to + (from - to) * Math.exp((-4 * at) / steps));
}
