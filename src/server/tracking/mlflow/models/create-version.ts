/** @file A version is made: of a model, from files of this server's; or of a prompt, which has no files. */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
import {
  addModelVersion,
  type Fact,
  findLoggedModel,
  findRegisteredModel,
  type ModelVersion,
  promptTag,
  putLoggedModelTags,
  type Reader,
  readProjectsOf,
  type Transaction,
} from "../../../../track/index.ts";
import type { Fields } from "../fields.ts";
import type { ArtifactPlaces } from "../places.ts";
import { MlflowError } from "../refuse.ts";
import { spacedJson } from "../spaced-json.ts";
import { boundedText, facts, idOrNull, registeredName, someText } from "./checks.ts";
import { type AskedSource, type FoundSource, findSource } from "./source.ts";

const sourceMost = 4096;

/** Makes a version. @param person who asks for it */
export async function createVersion(
  { write, now }: TrackingContext,
  places: ArtifactPlaces,
  fields: Fields,
  person: string,
): Promise<ModelVersion> {
  const name = registeredName(fields);
  const asked = askedSource(fields);
  const about = {
    description: boundedText(fields, "description") ?? null,
    runLink: boundedText(fields, "run_link", 2000) || null,
    tags: facts(fields, "tags", true),
    ...{ person, createdMs: now() },
  };
  return write(async (transaction) => {
    const model = await findRegisteredModel(transaction, name);
    if (!model) {
      throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `Registered Model with name=${name} not found`);
    }
    const isPrompt = marksPrompt(about.tags);
    if (isPrompt !== marksPrompt(model.tags)) {
      const message = `'${name}' is a ${isPrompt ? "model" : "prompt"}, and gets no versions of the other kind.`;
      throw new MlflowError("INVALID_PARAMETER_VALUE", message);
    }
    const found = isPrompt ? promptSource(asked) : await findSource(transaction, places, asked);
    const { source, address, run, model: loggedModel } = found;
    const version = await addModelVersion(transaction, model, {
      ...about,
      source,
      address,
      run,
      loggedModel,
    });
    if (loggedModel !== null) await noteVersion(transaction, loggedModel, version);
    return version;
  });
}

function askedSource(fields: Fields): AskedSource {
  return {
    source: someText(fields, "source", sourceMost),
    run: idOrNull(fields, "run_id"),
    model: idOrNull(fields, "model_id"),
  };
}

/** Projects of what a version is to be made from; none for a prompt. */
export async function readSubjects(
  reader: Reader,
  places: ArtifactPlaces,
  fields: Fields,
): Promise<number[]> {
  if (marksPrompt(facts(fields, "tags", true))) return [];
  const { run, model } = await findSource(reader, places, askedSource(fields));
  const runs = await readProjectsOf(reader, "run", run === null ? [] : [run]);
  const models = await readProjectsOf(reader, "model", model === null ? [] : [model]);
  return [...runs.values(), ...models.values()];
}

function marksPrompt(tags: readonly Fact[]): boolean {
  return tags.findLast(({ key }) => key === promptTag)?.value.toLowerCase() === "true";
}

/** What clients send where a prompt has nothing to be made from. @source mlflow/mlflow mlflow/prompt/constants.py */
const promptSources = ["dummy-source", "prompt-template"];

function promptSource(asked: AskedSource): FoundSource {
  if (promptSources.includes(asked.source)) {
    return { source: asked.source, address: asked.source, run: null, model: null };
  }
  throw new MlflowError("INVALID_PARAMETER_VALUE", "A prompt's source is one of MLflow's placeholders.");
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

/** A client may have set the tag to anything. */
async function notedVersions(reader: Reader, id: string): Promise<readonly unknown[]> {
  const { tags } = await findLoggedModel(reader, id);
  try {
    const noted: unknown = JSON.parse(tags.find(({ key }) => key === versionsTag)?.value ?? "[]");
    return Array.isArray(noted) ? noted : [];
  } catch {
    return [];
  }
}
