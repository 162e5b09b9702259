/** @file For tests: what must hold for a run whatever its disk did, checked from outside by new commands. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCheckpoint, openStore, runFolderAt, type SpendEntry, type Store } from "@tunewise/tracker";
import { type Invoked, invokeHere } from "./invoke-here.ts";

/** The state of a run as seen from outside. */
export interface SeenRun {
  readonly id: string;
  readonly status: string;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
  readonly spend: readonly SpendEntry[];
  /** Loss by step. */
  readonly losses: readonly (readonly [step: number, loss: number])[];
  readonly artifacts: readonly string[];
  readonly scores: number;
}

/**
 * The only run of a project, as recorded after a call of `runs`; `null`: there is none.
 *
 * @throws if the command fails or lists other runs than the record
 */
export async function seenRun(folder: string): Promise<SeenRun | null> {
  const path = join(folder, ".tunewise/tunewise.db");
  if (!existsSync(path)) return null;
  const listed = await invokeHere(folder, ["runs", "--json"]);
  if (listed.code !== 0) throw new Error(`runs ended with ${listed.code}: ${listed.out}${listed.err}`);
  const store = await openStore(path);
  try {
    const runs = await store.listRuns();
    if (runs.length > 1) throw new Error(`there are ${runs.length} runs`);
    const shown = (JSON.parse(listed.out) as { runs: { id: string; status: string }[] }).runs;
    if (JSON.stringify(shown.map(nameOf)) !== JSON.stringify(runs.map(nameOf))) {
      throw new Error(
        `runs lists ${JSON.stringify(shown.map(nameOf))}, not ${JSON.stringify(runs.map(nameOf))}`,
      );
    }
    const [run] = runs;
    if (run === undefined) return null;
    const { id, status, wallSeconds, spentMicroUsd } = run;
    return {
      id,
      status,
      wallSeconds,
      spentMicroUsd,
      spend: await store.spend(id),
      losses: await lossesOf(store, id),
      artifacts: (await store.artifacts(id)).map((artifact) => artifact.path),
      scores: (await store.scores(id)).length,
    };
  } finally {
    await store.close();
  }
}

function nameOf({ id, status }: { readonly id: string; readonly status: string }): string {
  return `${id} ${status}`;
}

async function lossesOf(store: Store, id: string): Promise<[number, number][]> {
  return (await store.metricHistory(id, "train/loss")).map(({ step, value }) => [step, value]);
}

/** The bytes of the adapter that a project's run saved. */
export function adapterOf(folder: string, id: string): Buffer | null {
  const path = join(runFolderAt(join(folder, ".tunewise/runs", id)).adapter, "adapter_model.safetensors");
  return existsSync(path) ? readFileSync(path) : null;
}

/** The last step for which an event of this kind was printed. */
export function lastReported(out: string, kind: string): number {
  return [...out.matchAll(new RegExp(`"kind":"${kind}","step":(\\d+)`, "g"))].reduce(
    (last, [, step]) => Math.max(last, Number(step)),
    0,
  );
}

/** The sums of a run's ledger in micro-dollars and seconds. */
export function ledgerOf({ spend }: Pick<SeenRun, "spend">): { microUsd: number; seconds: number } {
  return {
    microUsd: spend.reduce((sum, { spent }) => sum + spent, 0),
    seconds: spend.reduce((sum, { duration }) => sum + duration, 0),
  };
}

/** The errors after a command that met a fault: nothing acknowledged may be lost, and its output must be true. */
export async function afterFault(folder: string, said: Invoked, kind: string): Promise<string[]> {
  const wrong: string[] = [];
  if (/bug of tunewise|UNEXPECTED/.test(said.out + said.err))
    wrong.push(`says a bug: ${said.err.slice(0, 300)}`);
  const run = await seenRun(folder);
  // a killed process has no exit code, and its output is lost
  if (kind !== "crash" && (said.code === 0) !== (run?.status === "completed")) {
    wrong.push(`exit code ${said.code}, and the run is ${run?.status}`);
  }
  if (run === null) return wrong;
  const { checkpoints } = runFolderAt(join(folder, ".tunewise/runs", run.id));
  const [saved, found] = [lastReported(said.out, "checkpoint-saved"), await findCheckpoint(checkpoints)];
  if ((found?.step ?? 0) < saved) wrong.push(`checkpoint ${saved} was acknowledged, found is ${found?.step}`);
  for (const finding of found?.findings ?? []) wrong.push(`${finding.detail}`);
  const [ledger, told] = [ledgerOf(run), lastTold(said.out)];
  // after a kill or on a full disk, the ledger may lack entries that were not written yet
  if (kind !== "crash" && kind !== "full" && ledger.microUsd + 2 < told) {
    wrong.push(`${told} micro-dollars were told, the ledger has ${ledger.microUsd}`);
  }
  return wrong;
}

function lastTold(out: string): number {
  return [...out.matchAll(/"spentMicroUsd":(\d+)/g)].reduce(
    (most, [, one]) => Math.max(most, Number(one)),
    0,
  );
}

/** The errors after resuming a run on a working disk: it must end like a run without faults. */
export function afterResume(
  folder: string,
  run: SeenRun,
  whole: SeenRun & { adapter: Buffer },
  wallMs: number,
): string[] {
  const wrong: string[] = [];
  if (run.status !== "completed") wrong.push(`is ${run.status}`);
  if (!adapterOf(folder, run.id)?.equals(whole.adapter)) wrong.push("has another adapter");
  if (JSON.stringify(run.losses) !== JSON.stringify(whole.losses)) {
    wrong.push(`has other points: ${JSON.stringify(run.losses)}, not ${JSON.stringify(whole.losses)}`);
  }
  if (run.artifacts.join() !== whole.artifacts.join()) wrong.push(`has other artifacts: ${run.artifacts}`);
  if (run.scores !== whole.scores) wrong.push(`has ${run.scores} scores`);
  const ledger = ledgerOf(run);
  if (Math.abs(ledger.microUsd - run.spentMicroUsd) > run.spend.length + 1) {
    wrong.push(`its ledger has ${ledger.microUsd} micro-dollars, its summary ${run.spentMicroUsd}`);
  }
  if (Math.abs(ledger.seconds - run.wallSeconds) > 0.05) {
    wrong.push(`its ledger has ${ledger.seconds} s, its summary ${run.wallSeconds} s`);
  }
  if (ledger.seconds > wallMs / 1000)
    wrong.push(`${ledger.seconds} s were charged, ${wallMs / 1000} s went by`);
  const drafts = draftsIn(join(folder, ".tunewise/runs", run.id));
  if (drafts.length > 0) wrong.push(`left ${drafts}`);
  return wrong;
}

/** Temporary files that remain. Not checked for folders whose run was never recorded. */
function draftsIn(folder: string): string[] {
  const left = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return left.filter((name) => /\.(writing|removing|replaced)-|lock\./.test(name));
}

/** Marks the locks that a "killed" process of this test holds, or was taking, as those of an ended process. */
export function endHolder(folder: string, id: string): void {
  const { path } = runFolderAt(join(folder, ".tunewise/runs", id));
  for (const name of readdirSync(path).filter((one) => /(^|\.)lock(\.|$)/.test(one))) {
    const lock = join(path, name);
    try {
      const holder = JSON.parse(readFileSync(lock, "utf8")) as object;
      writeFileSync(lock, JSON.stringify({ ...holder, start: "long ago" }));
    } catch {
      // a half-written lock names no process
    }
  }
}
