/** @file Creates a version of a model from files of this server or a link, or of a prompt, which has no files. */

import { z } from "zod";
import {
  addModelVersion,
  findLoggedModel,
  findRegisteredModel,
  type KeyValue,
  type ModelVersion,
  promptTag,
  putLoggedModelTags,
  type Reader,
  readProjectsOf,
  type Transaction,
} from "../../../index.ts";
import type { MlflowContext } from "../places.ts";
import { invalidParameter, notFound } from "../refuse.ts";
import { spacedJson } from "../spaced-json.ts";
import { boundedText, facts, idOrNull, registeredName, someText } from "./checks.ts";
import { type FoundSource, findSource, type RequestedSource } from "./source.ts";

/** Parsed `newVersionFields`. */
export interface NewVersion extends RequestedSource {
  readonly name: string;
  readonly description: string | null;
  readonly runLink: string | null;
  readonly tags: readonly KeyValue[];
}

/** The schema of a version to create. */
export const newVersionFields: z.ZodType<NewVersion> = z
  .object({
    name: registeredName,
    source: someText(4096),
    run_id: idOrNull,
    model_id: idOrNull,
    description: boundedText(),
    run_link: boundedText(2000),
    tags: facts("tags", true),
  })
  .transform(({ run_id: run, model_id: model, run_link, description = null, ...rest }) => ({
    ...rest,
    run,
    model,
    description,
    runLink: run_link || null,
  }));

/** Creates a version. @param person who requests it */
export async function createVersion(
  { write, now, places }: MlflowContext,
  asked: NewVersion,
  person: string,
): Promise<ModelVersion> {
  const { name, description, runLink, tags } = asked;
  return write(async (transaction) => {
    const model = await findRegisteredModel(transaction, name);
    if (!model) throw notFound(`Registered Model with name=${name} not found`);
    const isPrompt = marksPrompt(tags);
    if (isPrompt !== marksPrompt(model.tags)) {
      const message = `'${name}' is a ${isPrompt ? "model" : "prompt"}, and gets no versions of the other kind.`;
      throw invalidParameter(message);
    }
    const found = isPrompt ? promptSource(asked) : await findSource(transaction, places, asked);
    const { source, address, run, model: loggedModel } = found;
    const version = await addModelVersion(transaction, model, {
      description,
      runLink,
      tags,
      person,
      createdMs: now(),
      source,
      address,
      run,
      loggedModel,
    });
    if (loggedModel !== null) await noteVersion(transaction, loggedModel, version);
    return version;
  });
}

/** Projects of a version's source; none for a prompt. */
export async function sourceProjects(
  { database: reader, places }: MlflowContext,
  asked: NewVersion,
): Promise<number[]> {
  if (marksPrompt(asked.tags)) return [];
  const { run, model } = await findSource(reader, places, asked);
  const runs = await readProjectsOf(reader, "run", run === null ? [] : [run]);
  const models = await readProjectsOf(reader, "model", model === null ? [] : [model]);
  return [...runs.values(), ...models.values()];
}

function marksPrompt(tags: readonly KeyValue[]): boolean {
  return tags.findLast(({ key }) => key === promptTag)?.value.toLowerCase() === "true";
}

/** Placeholders that clients send as the source of a prompt. @source mlflow/mlflow mlflow/prompt/constants.py */
const promptSources = ["dummy-source", "prompt-template"];

function promptSource(asked: RequestedSource): FoundSource {
  if (promptSources.includes(asked.source)) {
    return { source: asked.source, address: asked.source, run: null, model: null };
  }
  throw invalidParameter("A prompt's source is one of MLflow's placeholders.");
}

/** The tag by which clients find a model's versions. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const versionsTag = "mlflow.modelVersions";

async function noteVersion(
  transaction: Transaction,
  id: string,
  { name, version }: ModelVersion,
): Promise<void> {
  const value = spacedJson([...(await notedVersions(transaction, id)), { name, version }]);
  await putLoggedModelTags(transaction, id, [{ key: versionsTag, value }]);
}

/** Reads the tag defensively, since a client may have set it to anything. */
async function notedVersions(reader: Reader, id: string): Promise<readonly unknown[]> {
  const { tags } = await findLoggedModel(reader, id);
  try {
    const noted: unknown = JSON.parse(tags.find(({ key }) => key === versionsTag)?.value ?? "[]");
    return Array.isArray(noted) ? noted : [];
  } catch {
    return [];
  }
}
