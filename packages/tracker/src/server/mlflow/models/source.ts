/**
 * @file Finds the source of a model version. Downloads of the version go to its address, so it must be files of this
 * server's own runs or logged models, or an address that the server's policy allows.
 *
 * @source CVE-2023-1177, CVE-2023-2780, CVE-2025-11201; mlflow/mlflow mlflow/server/handlers.py, _validate_source_run
 */
import { posix } from "node:path";
import { pathToFileURL } from "node:url";
import type { HttpError } from "../../../http/index.ts";
import {
  findLoggedModel,
  findModelVersion,
  findProject,
  findRegisteredModel,
  findTrackedRun,
  type LoggedModel,
  type Project,
  plainKey,
  promptTag,
  type Reader,
  type TrackedRun,
  type VersionChoice,
} from "../../../index.ts";
import { TunewiseError } from "../../../problem/index.ts";
import {
  type ArtifactPlaces,
  experimentPlace,
  liesIn,
  modelAddress,
  placeBelowAllowed,
  runPlace,
} from "../places.ts";
import { invalidParameter, mlflowRefusal } from "../refuse.ts";
import { stages, versionStage } from "./checks.ts";
import { defaultLinks, isLink, schemeOf } from "./source-policy.ts";

/** A source that was found. */
export interface FoundSource extends RequestedSource {
  /** Address of the files. */
  readonly address: string;
}

/** The arguments of a lookup. */
interface Search {
  readonly reader: Reader;
  readonly places: ArtifactPlaces;
  readonly asked: RequestedSource;
}

/**
 * Finds the run, the logged model or the version that a source names: `runs:/RUN/path`, `models:/MODEL`,
 * `models:/name/version`, `models:/name@alias` or an address of this server's store. Also accepts an address below a
 * location that clients may choose, and an external one that the policy allows.
 */
export async function findSource(
  reader: Reader,
  places: ArtifactPlaces,
  asked: RequestedSource,
): Promise<FoundSource> {
  const { source: given, run: givenRun, model: givenModel } = asked;
  const search: Search = { reader, places, asked: { source: given, run: givenRun, model: givenModel } };
  const source = asked.source.replace(/\/$/, "");
  if (source.startsWith("runs:/")) return fromRunPath(search, source.slice("runs:/".length));
  if (source.startsWith("models:/")) return fromModelPath(search, source.slice("models:/".length));
  const address = localAddress(places, asked) ?? source;
  const [model, run] = ownerOf(places, address);
  if (model === undefined && run === undefined && isLink(places.links ?? defaultLinks, source))
    return fromLink(search, source);
  if (asked.model ?? model) return fromModel(search, asked.model ?? model ?? "", address);
  if (run === undefined && placeBelowAllowed(places, source)) return fromChosen(search, source);
  if (asked.run ?? run) return fromRun(search, asked.run ?? run ?? "", address);
  throw refused(search);
}

/** The logged model or the run of an address in this server's own store. */
function ownerOf(
  { own }: ArtifactPlaces,
  address: string,
): readonly [model: string | undefined, run: string | undefined] {
  if (!address.startsWith(`${own}/`)) return [undefined, undefined];
  const rest = address.slice(own.length + 1);
  const [, model, run] = /^\d+\/(?:models\/([\w-]+)|([\w-]+))\/artifacts(?:\/|$)/.exec(rest) ?? [];
  return [model, run];
}

async function fromRunPath(search: Search, rest: string): Promise<FoundSource> {
  const [id = "", ...path] = rest.split("/");
  const tail = path.length === 0 ? "" : plainKey(path.join("/"));
  if (tail === null || search.asked.model !== null || (search.asked.run ?? id) !== id) throw refused(search);
  const { project } = await runOf(search, id);
  const root = runAddress(search.places, project, id);
  return { ...search.asked, run: id, address: tail === "" ? root : `${root}/${tail}` };
}

async function fromModelPath(search: Search, rest: string): Promise<FoundSource> {
  const [, name, version] = /^([^/]+)\/([^/]+)$/.exec(rest) ?? [];
  if (name && version) return fromVersion(search, name, choiceOf(search, version));
  const [, aliased, alias] = /^([^/]+)@([^/@]+)$/.exec(rest) ?? [];
  if (aliased && alias) return fromVersion(search, aliased, { alias });
  if ((search.asked.model ?? rest) !== rest) throw refused(search);
  return fromModel(search, rest, null);
}

function choiceOf(search: Search, text: string): VersionChoice {
  if (/^\d{1,15}$/.test(text)) return { version: Number(text) };
  if (text.toLowerCase() === "latest") return { newest: "any" };
  if (!stages.some((stage) => stage.toLowerCase() === text.toLowerCase())) throw refused(search);
  return { newest: versionStage(text) };
}

/** A version created from another one shares its files, run and model. */
async function fromVersion(search: Search, name: string, choice: VersionChoice): Promise<FoundSource> {
  const model = await findRegisteredModel(search.reader, name);
  const version = await findModelVersion(search.reader, name, choice);
  const isPrompt = model?.tags.some(({ key, value }) => key === promptTag && value === "true");
  if (!version || isPrompt) throw refused(search);
  const { run, loggedModel, address } = version;
  if ((search.asked.run ?? run) !== run || (search.asked.model ?? loggedModel) !== loggedModel)
    throw refused(search);
  return { source: `models:/${name}/${version.version}`, run, model: loggedModel, address };
}

/** @param source an address, or `null` for all of the model's files */
async function fromModel(search: Search, id: string, source: string | null): Promise<FoundSource> {
  const { model, project } = await modelOf(search, id);
  const root = modelAddress(search.places, project, id);
  if (source !== null && !liesIn(root, source)) throw refused(search);
  if (search.asked.run !== null) await runOf(search, search.asked.run);
  return { ...search.asked, model: id, run: search.asked.run ?? model.sourceRun, address: source ?? root };
}

async function fromRun(search: Search, id: string, source: string): Promise<FoundSource> {
  const { project } = await runOf(search, id);
  if (!liesIn(runAddress(search.places, project, id), source)) throw refused(search);
  return { ...search.asked, run: id, address: source };
}

/** Files below a location that clients may choose: records the address without opening it. */
async function fromChosen(search: Search, address: string): Promise<FoundSource> {
  if (search.asked.run !== null) await runOf(search, search.asked.run);
  return { ...search.asked, address };
}

/** External files: records a link without opening it. A run or model, if named, must be of this server. */
async function fromLink(search: Search, address: string): Promise<FoundSource> {
  const { run, model } = search.asked;
  if (run !== null)
    await findTrackedRun(search.reader, run).catch(orElse("RUN_NOT_FOUND", () => foreign("run", run)));
  if (model !== null)
    await findLoggedModel(search.reader, model).catch(
      orElse("LOGGED_MODEL_NOT_FOUND", () => foreign("model", model)),
    );
  return { ...search.asked, address };
}

async function runOf(search: Search, id: string): Promise<{ run: TrackedRun; project: Project }> {
  const run = await findTrackedRun(search.reader, id).catch(orRefused(search, "RUN_NOT_FOUND"));
  return { run, project: await projectOf(search, run.project) };
}

async function modelOf(search: Search, id: string): Promise<{ model: LoggedModel; project: Project }> {
  const model = await findLoggedModel(search.reader, id).catch(orRefused(search, "LOGGED_MODEL_NOT_FOUND"));
  return { model, project: await projectOf(search, model.project) };
}

async function projectOf(search: Search, number: number): Promise<Project> {
  const project = await findProject(search.reader, { number });
  if (!project) throw refused(search);
  return project;
}

function orRefused(search: Search, code: string): (error: unknown) => never {
  return orElse(code, () => refused(search));
}

function orElse(code: string, refusal: () => HttpError): (error: unknown) => never {
  return (error) => {
    throw TunewiseError.is(error) && error.code === code ? refusal() : error;
  };
}

/** The error for a link whose run or model is not of this server. */
function foreign(owner: "run" | "model", id: string): HttpError {
  return invalidParameter(
    `Invalid ${owner}_id '${id.slice(0, 100)}': no ${owner} of this server has it. The files lie outside of this ` +
      `server: leave ${owner}_id out, or name a ${owner} that is here.`,
  );
}

/** Address of a run's files. */
function runAddress(places: ArtifactPlaces, project: Project, id: string): string {
  return runPlace(experimentPlace(places, project).replace(/\/$/, ""), { id });
}

function refused({ places, asked }: Search): HttpError {
  const { source } = asked;
  if (places.own.startsWith("file:") && /^(file:|\/)/i.test(source)) return refusedPath(asked);
  const scheme = schemeOf(source);
  const isOutside = scheme !== "" && !ownSchemes.has(scheme);
  return invalidParameter(
    `Invalid model version source: '${source.slice(0, 200)}'. It must name files of a run or of a logged model of ` +
      `this server, as runs:/..., models:/... or ${places.own}/..., and run_id and model_id must be theirs. If ` +
      "supplying a source as an http, https, ftp or mlflow-artifacts address, it must lie below a place that this " +
      `server allows, without parts that lead upwards.${isOutside ? outside(scheme) : ""}`,
  );
}

const ownSchemes: ReadonlySet<string> = new Set(["runs:", "models:", "mlflow-artifacts:"]);

function outside(scheme: string): string {
  return (
    ` Whoever runs the server chooses which addresses outside it records: tunewise serve --model-sources ` +
    `${scheme},... They hold no blanks, no '%', '?' and '#', and no password.`
  );
}

/**
 * Returns the address of a source that is a local path; `null` for any other source. Checks only its text. Only a
 * server that shares its folder with clients accepts one, for MLflow's own tests, and only together with the run or the
 * model of the files.
 *
 * @throws {HttpError} for a path without a run and a model, and for one of another machine
 */
function localAddress({ own }: ArtifactPlaces, asked: RequestedSource): string | null {
  if (!own.startsWith("file:")) return null;
  const [, host = "", path] = /^(?:file:(?:\/\/([^/]*))?)?(\/.*)$/i.exec(asked.source) ?? [];
  if (path === undefined) return null;
  if (host !== "" && host !== "localhost") {
    throw mlflowRefusal("INTERNAL_ERROR", `${asked.source.slice(0, 200)} is not a valid remote uri.`);
  }
  if (asked.run === null && asked.model === null) throw refusedPath(asked);
  return pathToFileURL(posix.normalize(path).replace(/(?<=.)\/$/, "")).href;
}

/** The error for a path outside the run's or the model's files. */
function refusedPath({ source, model }: RequestedSource): HttpError {
  const owner = model === null ? "run" : "model";
  return invalidParameter(
    `Invalid model version source: '${source.slice(0, 200)}'. To use a local path as a model version source, the ` +
      `${owner}_id request parameter has to be specified, and the path has to lie in the artifact directory of that ` +
      `${owner}.`,
  );
}

/** Source of a new version, as a client describes it. */
export interface RequestedSource {
  readonly source: string;
  /** Id of a run. */
  readonly run: string | null;
  /** Id of a logged model. */
  readonly model: string | null;
}
