/** @file Admission of this engine's runs: what identifies a run, and the refusal of a run that exists already. */
import type { Run } from "@tunewise/core/run";
import type { Claim, JournaledStore, Store } from "@tunewise/tracker";
import type { Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { deadRuns } from "./dead-runs.ts";
import { duplicateProblem, noteRefused } from "./earlier-runs.ts";
import { experimentOf } from "./experiment.ts";

/** A run to admit. */
interface Candidate {
  readonly prepared: Prepared;
  /** Effective configuration, as JSON. */
  readonly configuration: string;
  readonly output: string;
  /** Reason to run although the same experiment was run before; recorded. */
  readonly forced: string | null;
}

/** Identity of a run, for the store's check for duplicates when the run begins or resumes. */
export async function claimOf(
  { prepared, configuration, output, forced }: Candidate,
  store: JournaledStore,
  runtime: Runtime,
): Promise<Claim> {
  const { fingerprint, family } = experimentOf(prepared, configuration, runtime.versions["tunewise"] ?? "");
  return { fingerprint, family, forced, dead: await deadRuns(store, output, runtime) };
}

/**
 * Records the refusal of a run that exists already.
 *
 * @throws {TunewiseError} `RUN_DUPLICATE`
 */
export async function refuseDuplicate(
  duplicate: Run,
  { fingerprint }: Pick<Claim, "fingerprint">,
  store: Store,
  runtime: Pick<Runtime, "now">,
): Promise<never> {
  await noteRefused(store, duplicate, fingerprint, runtime);
  throw await duplicateProblem(store, duplicate);
}
