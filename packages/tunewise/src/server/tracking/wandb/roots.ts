/**
 * @file The root fields of the schema, and what answers them, each behind its guard: it has subjects, and
 * nothing is answered before the caller's rights in them were checked, under whatever aliases and however often a query
 * asks for it.
 */
import {
  defaultEntity,
  findArtifact,
  findArtifactOfClient,
  findLatestArtifact,
  type ProjectRole,
  requestStop,
} from "@tunewise/tracker";
import { notVisible, orHidden, requireSubjects } from "../../http/authorize.ts";
import { type Caller, HttpError } from "../../http/route.ts";
import * as changes from "./artifact-changes.ts";
import { artifactFields, collection } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, idOf, numberOf, textOf } from "./fields.ts";
import { runOfId } from "./find.ts";
import type { Roots } from "./graphql.ts";
import { findProjectFields, listProjectFields } from "./project-fields.ts";
import { entityFields, personFields } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";
import { deleteRun, notifyAlert, rewindRun, updateRunState } from "./run-changes.ts";
import { createRunFiles, deleteFiles } from "./run-files.ts";
import {
  aboutArtifact,
  aboutArtifactFiles,
  aboutArtifactId,
  aboutCollection,
  aboutFiles,
  aboutPlace,
  aboutProject,
  aboutRunId,
  aboutRunPath,
  aboutUpsert,
  aboutUse,
  collectionOfId,
  isAboutPlace,
  type RootAbout,
} from "./subjects.ts";
import { upsertBucket } from "./upsert-bucket.ts";

/**
 * What clients may count on beyond what all servers have.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto, ServerFeature
 */
const features = ["PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP", "ARTIFACT_COLLECTION_MEMBERSHIP_FILES"];

/** Clients up to 0.25 conclude from it what a server can do. */
const newestClient = "1.0.0";

/** About no project: answered to everybody who is let in. */
const free = { policy: "read", about: "nothing" } as const;

const changing = { policy: "write", about: aboutArtifactId("artifactID") } as const;

/** Root fields by name. */
export const wandbRoots: Roots<WandbCall> = guardRoots({
  viewer: { ...free, answer: (_, { caller }) => viewer(caller) },
  serverInfo: {
    ...free,
    answer: () => ({
      features: features.map((name) => ({ name, isEnabled: true })),
      cliVersionInfo: { min_cli_version: "0.10.0", max_cli_version: newestClient },
      latestLocalVersionInfo: null,
    }),
  },
  entity: { ...free, answer: ({ name }) => entityFields(textOf(name) ?? defaultEntity) },
  models: { ...free, answer: listProjectFields },
  artifactCollection: {
    ...{ policy: "read", about: aboutCollection },
    answer: async ({ id }, { context }) => {
      const place = collectionOfId(id);
      const newest = place && (await findLatestArtifact(context.database, place.project, place.name));
      return newest ? collection(newest) : null;
    },
  },
  model: { policy: "read", about: aboutProject, answer: findProjectFields },
  project: { policy: "read", about: aboutProject, answer: findProjectFields },
  artifact: {
    ...{ policy: "read", about: aboutArtifact },
    answer: async ({ id }, { context }) => {
      const number = numberOf("Artifact", id);
      const artifact = number === null ? null : await findArtifact(context.database, number);
      return artifact ? artifactFields(artifact) : null;
    },
  },
  clientIDMapping: {
    ...{ policy: "read", about: aboutArtifact },
    answer: async ({ clientID }, { context }) => {
      const artifact = await findArtifactOfClient(context.database, textOf(clientID) ?? "");
      return artifact ? { serverID: idOf("Artifact", artifact.number) } : null;
    },
  },
  upsertBucket: { policy: "write", about: aboutUpsert, answer: upsertBucket },
  createRunFiles: { policy: "write", about: aboutRunPath, answer: createRunFiles },
  // Files are known by being there: nothing is left to note down.
  markRunFilesUploaded: { policy: "write", about: aboutRunPath, answer: () => ({ success: true }) },
  deleteRun: { policy: "write", about: aboutRunId, answer: deleteRun },
  updateRunState: { policy: "write", about: aboutRunId, answer: updateRunState },
  deleteFiles: { policy: "write", about: aboutFiles, answer: deleteFiles },
  notifyScriptableRunAlert: { policy: "write", about: aboutRunPath, answer: notifyAlert },
  rewindRun: { policy: "write", about: aboutRunPath, answer: rewindRun },
  addAliases: { ...changing, answer: changes.addAliases },
  deleteAliases: { ...changing, answer: changes.deleteAliases },
  deleteArtifact: { ...changing, answer: changes.deleteArtifact },
  stopRun: { policy: "write", about: aboutRunId, answer: stopRun },
  createArtifactType: { policy: "write", about: aboutPlace, answer: changes.createArtifactType },
  createArtifact: { policy: "write", about: aboutPlace, answer: changes.createArtifact },
  createArtifactManifest: { ...changing, answer: changes.createArtifactManifest },
  updateArtifactManifest: {
    ...{ policy: "write", about: aboutArtifactId("artifactManifestID", "ArtifactManifest") },
    answer: changes.updateArtifactManifest,
  },
  createArtifactFiles: { policy: "write", about: aboutArtifactFiles, answer: changes.createArtifactFiles },
  commitArtifact: { ...changing, answer: changes.commitArtifact },
  useArtifact: { policy: "write", about: aboutUse, answer: changes.useArtifact },
  updateArtifact: { ...changing, answer: changes.updateArtifact },
});

function viewer({ name, isAdmin }: Caller): Fields {
  return { ...personFields(name), admin: name !== "" && isAdmin };
}

async function stopRun({ id }: Fields, { context, caller }: WandbCall): Promise<Fields> {
  const isAsked = await context.write(async (transaction) => {
    const { run } = await runOfId(transaction, id);
    const reason = `asked for${caller.name === "" ? "" : ` by ${caller.name}`}`;
    return requestStop(transaction, run.number, { by: "person", reason }, context.now());
  });
  return { success: isAsked };
}

/** A root field. One that does not say what it is about does not compile. */
interface Root {
  /** What it takes in the projects that it is about. */
  readonly policy: ProjectRole;
  /** `nothing`: no project at all. */
  readonly about: "nothing" | RootAbout;
  readonly answer: (args: Fields, call: WandbCall) => unknown;
}

/** Root fields as GraphQL takes them. */
function guardRoots(roots: Readonly<Record<string, Root>>): Roots<WandbCall> {
  return Object.fromEntries(
    Object.entries(roots).map(([name, root]) => [
      name,
      async (args: Fields, call: WandbCall) => {
        // Changes have all of their arguments in one.
        const fields = "input" in args ? fieldsOf(args["input"]) : args;
        return (await isThere(root, fields, call)) ? root.answer(fields, call) : null;
      },
    ]),
  );
}

/** Whether there is something to answer about. @throws {HttpError} where the caller may not */
async function isThere({ policy, about }: Root, args: Fields, call: WandbCall): Promise<boolean> {
  if (about === "nothing" || call.caller.isAdmin) return true;
  try {
    const subjects = await about(args, call).catch(orHidden(call.caller));
    if (subjects === null) return false;
    // Who asks for what they may not see gets what they would get if it were not there.
    const hides = policy === "read" || !isAboutPlace(about, args);
    await requireSubjects(call.caller, policy, subjects, undefined, hides);
    return true;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (policy === "read" && error.code === notVisible) return false;
    // These clients show their users what comes as an error of GraphQL's, and not what comes with a status.
    throw wandbRefusal(error.message);
  }
}
