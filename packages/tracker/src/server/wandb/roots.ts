/**
 * @file The root fields of the schema with their resolvers. Each declares its subjects, and the caller's rights in them
 * are checked before each resolver call, regardless of aliases and repetitions in a query.
 */

import { type Caller, HttpError, notVisible, orHidden, requireSubjects } from "../../http/index.ts";
import {
  defaultEntity,
  findArtifact,
  findArtifactOfClient,
  findLatestArtifact,
  type ProjectRole,
  requestStop,
} from "../../index.ts";
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
 * Optional server features that clients may rely on.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto, ServerFeature
 */
const features = ["PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP", "ARTIFACT_COLLECTION_MEMBERSHIP_FILES"];

/** Maximum client version; clients up to 0.25 infer the server's features from it. */
const newestClient = "1.0.0";

/** Access for root fields about no project: every identified caller. */
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
    policy: "read",
    about: aboutCollection,
    answer: async ({ id }, { context }) => {
      const place = collectionOfId(id);
      const newest = place && (await findLatestArtifact(context.database, place.project, place.name));
      return newest ? collection(newest) : null;
    },
  },
  model: { policy: "read", about: aboutProject, answer: findProjectFields },
  project: { policy: "read", about: aboutProject, answer: findProjectFields },
  artifact: {
    policy: "read",
    about: aboutArtifact,
    answer: async ({ id }, { context }) => {
      const number = numberOf("Artifact", id);
      const artifact = number === null ? null : await findArtifact(context.database, number);
      return artifact ? artifactFields(artifact) : null;
    },
  },
  clientIDMapping: {
    policy: "read",
    about: aboutArtifact,
    answer: async ({ clientID }, { context }) => {
      const artifact = await findArtifactOfClient(context.database, textOf(clientID) ?? "");
      return artifact ? { serverID: idOf("Artifact", artifact.number) } : null;
    },
  },
  upsertBucket: { policy: "write", about: aboutUpsert, answer: upsertBucket },
  createRunFiles: { policy: "write", about: aboutRunPath, answer: createRunFiles },
  // no-op, since stored files need no record
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
    policy: "write",
    about: aboutArtifactId("artifactManifestID", "ArtifactManifest"),
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

/** A root field. One without subjects does not compile. */
interface Root {
  /** Role required in its subjects. */
  readonly policy: ProjectRole;
  /** Subjects; `nothing` for no project. */
  readonly about: "nothing" | RootAbout;
  readonly answer: (args: Fields, call: WandbCall) => unknown;
}

/** Converts root fields to GraphQL resolvers with access control. */
function guardRoots(roots: Readonly<Record<string, Root>>): Roots<WandbCall> {
  return Object.fromEntries(
    Object.entries(roots).map(([name, root]) => [
      name,
      async (args: Fields, call: WandbCall) => {
        // mutations have a single argument `input`
        const fields = "input" in args ? fieldsOf(args["input"]) : args;
        return (await isThere(root, fields, call)) ? root.answer(fields, call) : null;
      },
    ]),
  );
}

/** Whether the subjects exist and are visible. @throws {HttpError} if the caller lacks the role */
async function isThere({ policy, about }: Root, args: Fields, call: WandbCall): Promise<boolean> {
  if (about === "nothing" || call.caller.isAdmin) return true;
  try {
    const subjects = await about(args, call).catch(orHidden(call.caller));
    if (subjects === null) return false;
    // Hidden objects get the same reply as missing ones.
    const hides = policy === "read" || !isAboutPlace(about, args);
    await requireSubjects(call.caller, policy, subjects, undefined, hides);
    return true;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (policy === "read" && error.code === notVisible) return false;
    // The clients show users GraphQL errors, but not the messages of HTTP errors.
    throw wandbRefusal(error.message);
  }
}
