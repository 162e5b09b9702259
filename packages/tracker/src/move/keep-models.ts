/** @file Imports logged models and registered models: missing items are added, existing ones stay unchanged. */
import type { Reader, Transaction } from "../database/database.ts";
import { addLoggedModel, changeLoggedModel } from "../models/logged-models.ts";
import { addModelMetrics } from "../models/model-metrics.ts";
import { addModelVersion, changeModelVersion, findModelVersion } from "../models/model-versions.ts";
import { addRegisteredModel, findRegisteredModel, putModelAlias } from "../models/registered-models.ts";
import { findTrackedRunOrNull } from "../tracking/runs.ts";
import type { MovedModel, MovedName, MovedVersion } from "./history.ts";

/** Valid ids of logged models. */
const modelIdPattern = /^[\w-]{1,64}$/;

/**
 * Imports a logged model with its metrics, if the runs that measured them exist. Returns whether it is new, and the
 * number of metrics whose runs do not exist.
 */
export async function keepModel(
  transaction: Transaction,
  moved: MovedModel,
  project: number,
): Promise<{ readonly isNew: boolean; readonly unkept: number }> {
  const { id } = moved;
  if (!modelIdPattern.test(id)) throw new Error("its id is not valid");
  const [known] = await transaction.all("SELECT 1 FROM logged_models WHERE id = ?", id);
  if (!known) {
    await addLoggedModel(transaction, { ...moved, project });
    await changeLoggedModel(transaction, id, { status: moved.status, stage: moved.stage }, moved.changedMs);
  }
  const runs = new Map<string, number | null>();
  for (const { run } of moved.metrics) {
    if (!runs.has(run)) runs.set(run, (await findTrackedRunOrNull(transaction, run))?.number ?? null);
  }
  for (const [run, number] of runs) {
    const own = moved.metrics
      .filter((metric) => metric.run === run)
      .map((metric) => ({ ...metric, modelId: id }));
    if (number !== null) await addModelMetrics(transaction, number, own);
  }
  const unkept = moved.metrics.filter(({ run }) => runs.get(run) === null).length;
  return { isNew: !known, unkept };
}

/** Result of importing a registered model. */
export interface KeptName {
  readonly added: number;
  readonly there: number;
  /** Versions whose number is already used. */
  readonly taken: readonly number[];
  /** Aliases that point to another version here, or to a version that does not exist here. */
  readonly otherAliases: readonly string[];
}

/** Imports a registered model and its versions, with the same version numbers. */
export async function keepName(transaction: Transaction, moved: MovedName, nowMs: number): Promise<KeptName> {
  const { name, description, tags } = moved;
  const found = await findRegisteredModel(transaction, name);
  const createdMs = moved.createdMs || nowMs;
  const model =
    found ?? (await addRegisteredModel(transaction, { name, description, tags, nowMs: createdMs }));
  if (!model) throw new Error("Internal: a name is gone that was just added");
  let [added, there] = [0, 0];
  const taken: number[] = [];
  for (const version of moved.versions) {
    const known = await findModelVersion(transaction, name, { version: version.version });
    if (known) {
      if (known.source === version.source && known.run === version.run) there++;
      else taken.push(version.version);
      continue;
    }
    const sql = "SELECT last_version FROM registered_models WHERE number = ?";
    const [row] = await transaction.all(sql, model.number);
    if (Number(row?.["last_version"]) >= version.version) {
      taken.push(version.version);
      continue;
    }
    const before = version.version - 1;
    await transaction.run(
      "UPDATE registered_models SET last_version = ? WHERE number = ?",
      before,
      model.number,
    );
    const address = await addressOf(transaction, version);
    const kept = await addModelVersion(transaction, model, { ...version, address });
    await changeModelVersion(transaction, kept, { stage: version.stage }, version.changedMs);
    added++;
  }
  const otherAliases: string[] = [];
  for (const { alias, version } of moved.aliases) {
    const known = model.aliases.find((one) => one.alias === alias);
    const pointed =
      known || taken.includes(version) ? null : await findModelVersion(transaction, name, { version });
    if (pointed) await putModelAlias(transaction, model, alias, pointed);
    else if (known?.version !== version) otherAliases.push(alias);
  }
  return { added, there, taken, otherAliases };
}

/**
 * Address of a version's files on this server, if its run or model exists here; otherwise its address in the source.
 *
 * @source the addresses of `server/`: `mlflow-artifacts:/PROJECT/RUN/artifacts`
 */
async function addressOf(reader: Reader, version: MovedVersion): Promise<string> {
  if (version.path === null) return version.source;
  const tail = version.path === "" ? "" : `/${version.path}`;
  if (version.loggedModel !== null) {
    const [row] = await reader.all("SELECT project FROM logged_models WHERE id = ?", version.loggedModel);
    const root = `mlflow-artifacts:/${row?.["project"]}/models/${version.loggedModel}/artifacts`;
    return row ? root + tail : version.source;
  }
  const run = version.run === null ? null : await findTrackedRunOrNull(reader, version.run);
  return run ? `mlflow-artifacts:/${run.project}/${run.id}/artifacts${tail}` : version.source;
}
