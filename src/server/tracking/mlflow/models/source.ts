/**
 * @file What a version of a model is made from. A client names it, and only files of this server's own runs and logged
 * models will do: whoever downloads the version is sent to that address.
 *
 * @source CVE-2023-1177, CVE-2023-2780, CVE-2025-11201; mlflow/mlflow mlflow/server/handlers.py, _validate_source_run
 */
import { TunewiseError } from "../../../../problem/index.ts";
import {
  artifactKey,
  findLoggedModel,
  findModelVersion,
  findProject,
  findRegisteredModel,
  findTrackedRun,
  type LoggedModel,
  type Project,
  promptTag,
  type Reader,
  type TrackedRun,
  type VersionChoice,
} from "../../../../track/index.ts";
import { MlflowError } from "../refuse.ts";
import { stages, versionStage } from "./checks.ts";
import { liesIn, modelAddress, ownScheme, runAddress } from "./places.ts";

/** What a client says about a version to be made. */
export interface AskedSource {
  readonly source: string;
  /** Id of a run. */
  readonly run: string | null;
  /** Id of a logged model. */
  readonly model: string | null;
}

/** The same, found in the store. */
export interface FoundSource extends AskedSource {
  /** Where the files lie on this server. */
  readonly address: string;
}

/**
 * Finds the run, the logged model or the version that a source names: `runs:/RUN/path`, `models:/MODEL`,
 * `models:/name/version`, `models:/name@alias`, or an address that this server gave out.
 */
export async function findSource(reader: Reader, asked: AskedSource): Promise<FoundSource> {
  const source = asked.source.replace(/\/$/, "");
  if (source.startsWith("runs:/")) return fromRunPath(reader, asked, source.slice("runs:/".length));
  if (source.startsWith("models:/")) return fromModelPath(reader, asked, source.slice("models:/".length));
  const [, model, run] = ownAddress.exec(source) ?? [];
  if (asked.model ?? model) return fromModel(reader, asked, asked.model ?? model ?? "", source);
  if (asked.run ?? run) return fromRun(reader, asked, asked.run ?? run ?? "", source);
  throw refused(asked);
}

const ownAddress = /^mlflow-artifacts:\/\d+\/(?:models\/([\w-]+)|([\w-]+))\/artifacts(?:\/|$)/;

async function fromRunPath(reader: Reader, asked: AskedSource, rest: string): Promise<FoundSource> {
  const [id = "", ...path] = rest.split("/");
  const tail = path.length === 0 ? "" : artifactKey(path.join("/"));
  if (tail === null || asked.model !== null || (asked.run ?? id) !== id) throw refused(asked);
  const { project } = await runOf(reader, asked, id);
  const root = runAddress(project, id);
  return { ...asked, run: id, address: tail === "" ? root : `${root}/${tail}` };
}

async function fromModelPath(reader: Reader, asked: AskedSource, rest: string): Promise<FoundSource> {
  const [, name, version] = /^([^/]+)\/([^/]+)$/.exec(rest) ?? [];
  if (name && version) return fromVersion(reader, asked, name, choiceOf(asked, version));
  const [, aliased, alias] = /^([^/]+)@([^/@]+)$/.exec(rest) ?? [];
  if (aliased && alias) return fromVersion(reader, asked, aliased, { alias });
  if ((asked.model ?? rest) !== rest) throw refused(asked);
  return fromModel(reader, asked, rest, null);
}

function choiceOf(asked: AskedSource, text: string): VersionChoice {
  if (/^\d{1,15}$/.test(text)) return { version: Number(text) };
  if (text.toLowerCase() === "latest") return { newest: "any" };
  if (!stages.some((stage) => stage.toLowerCase() === text.toLowerCase())) throw refused(asked);
  return { newest: versionStage(text) };
}

/** A version made from another one has its files, run and model. */
async function fromVersion(
  reader: Reader,
  asked: AskedSource,
  name: string,
  choice: VersionChoice,
): Promise<FoundSource> {
  const model = await findRegisteredModel(reader, name);
  const version = await findModelVersion(reader, name, choice);
  const isPrompt = model?.tags.some(({ key, value }) => key === promptTag && value === "true");
  if (!version || isPrompt) throw refused(asked);
  const { run, loggedModel, address } = version;
  if ((asked.run ?? run) !== run || (asked.model ?? loggedModel) !== loggedModel) throw refused(asked);
  return { source: `models:/${name}/${version.version}`, run, model: loggedModel, address };
}

/** @param source an address, or `null` for all of the model's files */
async function fromModel(
  reader: Reader,
  asked: AskedSource,
  id: string,
  source: string | null,
): Promise<FoundSource> {
  const { model, project } = await modelOf(reader, asked, id);
  const root = modelAddress(project, id);
  if (source !== null && !liesIn(root, source)) throw refused(asked);
  if (asked.run !== null) await runOf(reader, asked, asked.run);
  return { ...asked, model: id, run: asked.run ?? model.sourceRun, address: source ?? root };
}

async function fromRun(reader: Reader, asked: AskedSource, id: string, source: string): Promise<FoundSource> {
  const { project } = await runOf(reader, asked, id);
  if (!liesIn(runAddress(project, id), source)) throw refused(asked);
  return { ...asked, run: id, address: source };
}

async function runOf(
  reader: Reader,
  asked: AskedSource,
  id: string,
): Promise<{ run: TrackedRun; project: Project }> {
  const run = await findTrackedRun(reader, id).catch(orRefused(asked, "RUN_NOT_FOUND"));
  return { run, project: await projectOf(reader, asked, run.project) };
}

async function modelOf(
  reader: Reader,
  asked: AskedSource,
  id: string,
): Promise<{ model: LoggedModel; project: Project }> {
  const model = await findLoggedModel(reader, id).catch(orRefused(asked, "LOGGED_MODEL_NOT_FOUND"));
  return { model, project: await projectOf(reader, asked, model.project) };
}

async function projectOf(reader: Reader, asked: AskedSource, number: number): Promise<Project> {
  const project = await findProject(reader, { number });
  if (!project) throw refused(asked);
  return project;
}

function orRefused(asked: AskedSource, code: string): (error: unknown) => never {
  return (error) => {
    throw TunewiseError.is(error) && error.code === code ? refused(asked) : error;
  };
}

function refused({ source }: AskedSource): MlflowError {
  return new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `Invalid model version source: '${source.slice(0, 200)}'. It must name files of a run or of a logged model of ` +
      `this server, as runs:/..., models:/... or ${ownScheme}..., and run_id and model_id must be theirs.`,
  );
}
