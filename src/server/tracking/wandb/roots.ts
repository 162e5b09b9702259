/**
 * @file The root fields of the schema, and what answers them, each behind its guard: it says what it is about, and
 * nothing is answered before the caller's rights were looked at, under whatever other names and however often a query
 * asks for it.
 */
import {
  defaultEntity,
  findArtifact,
  findArtifactOfClient,
  findWandbProject,
  findWandbRun,
  type ProjectRole,
  requestStop,
} from "../../../track/index.ts";
import { demandSubjects } from "../access/authorize.ts";
import { type Caller, Refused, type Subjects } from "../route.ts";
import * as changes from "./artifact-changes.ts";
import {
  artifactFields,
  artifactNamed,
  collectionFields,
  membershipFields,
  typeFields,
} from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, textOf } from "./fields.ts";
import type { Roots } from "./graphql.ts";
import { idOf, numberOf } from "./ids.ts";
import { bareProject, entityFields, type ProjectPlace, placeOf } from "./project-place.ts";
import { WandbRefusal } from "./refuse.ts";
import { runFields } from "./run-fields.ts";
import { createRunFiles } from "./run-files.ts";
import {
  aboutArtifact,
  aboutArtifactFiles,
  aboutArtifactId,
  aboutPlace,
  aboutProject,
  aboutRunId,
  aboutRunPath,
  aboutUpsert,
  aboutUse,
  type RootAbout,
} from "./subjects.ts";
import { upsertBucket } from "./upsert-bucket.ts";

/**
 * What clients may count on beyond what all servers have.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto, ServerFeature
 */
const features = ["PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP", "ARTIFACT_COLLECTION_MEMBERSHIP_FILES"];

/** About no project: answered to everybody who is let in. */
const free = { policy: "read", about: "nothing" } as const;

/** Root fields by name. */
export const wandbRoots: Roots<WandbCall> = guardRoots({
  viewer: { ...free, answer: (_, { caller }) => viewer(caller) },
  serverInfo: {
    ...free,
    answer: () => ({ features: features.map((name) => ({ name, isEnabled: true })), cliVersionInfo: {} }),
  },
  entity: { ...free, answer: ({ name }) => entityFields(textOf(name) ?? defaultEntity) },
  model: { policy: "read", about: aboutProject, answer: project },
  project: { policy: "read", about: aboutProject, answer: project },
  artifact: {
    ...{ policy: "read", about: aboutArtifact },
    answer: async ({ id }, { desk }) => {
      const number = numberOf("Artifact", id);
      const artifact = number === null ? null : await findArtifact(desk.database, number);
      return artifact ? artifactFields(artifact) : null;
    },
  },
  clientIDMapping: {
    ...{ policy: "read", about: aboutArtifact },
    answer: async ({ clientID }, { desk }) => {
      const artifact = await findArtifactOfClient(desk.database, textOf(clientID) ?? "");
      return artifact ? { serverID: idOf("Artifact", artifact.number) } : null;
    },
  },
  upsertBucket: { policy: "write", about: aboutUpsert, answer: upsertBucket },
  createRunFiles: { policy: "write", about: aboutRunPath, answer: createRunFiles },
  // Files are known by being there: nothing is left to note down.
  markRunFilesUploaded: { policy: "write", about: aboutRunPath, answer: () => ({ success: true }) },
  stopRun: { policy: "write", about: aboutRunId, answer: stopRun },
  createArtifactType: { policy: "write", about: aboutPlace, answer: changes.createArtifactType },
  createArtifact: { policy: "write", about: aboutPlace, answer: changes.createArtifact },
  createArtifactManifest: {
    ...{ policy: "write", about: aboutArtifactId("artifactID") },
    answer: changes.createArtifactManifest,
  },
  updateArtifactManifest: {
    ...{ policy: "write", about: aboutArtifactId("artifactManifestID", "ArtifactManifest") },
    answer: changes.updateArtifactManifest,
  },
  createArtifactFiles: { policy: "write", about: aboutArtifactFiles, answer: changes.createArtifactFiles },
  commitArtifact: {
    ...{ policy: "write", about: aboutArtifactId("artifactID") },
    answer: changes.commitArtifact,
  },
  useArtifact: { policy: "write", about: aboutUse, answer: changes.useArtifact },
  updateArtifact: {
    ...{ policy: "write", about: aboutArtifactId("artifactID") },
    answer: changes.updateArtifact,
  },
});

function project({ name, entityName }: Fields, call: WandbCall): Promise<Fields | null> {
  return projectFields(placeOf(entityName, name), call);
}

function viewer({ name, isAdmin }: Caller): Fields {
  const shown = name === "" ? defaultEntity : name;
  return {
    id: Buffer.from(`User:${shown}`).toString("base64"),
    entity: defaultEntity,
    username: shown,
    name: shown,
    email: "",
    admin: name !== "" && isAdmin,
    flags: "{}",
    teams: { edges: [{ node: entityFields(defaultEntity) }] },
  };
}

async function stopRun({ input }: Fields, { desk, caller }: WandbCall): Promise<Fields> {
  const number = numberOf("Run", fieldsOf(input)["id"]);
  await desk.write(async (transaction) => {
    const run = number === null ? null : await findWandbRun(transaction, { number });
    if (!run) throw new WandbRefusal("There is no such run.");
    const by = caller.name === "" ? "" : ` by ${caller.name}`;
    await requestStop(transaction, run.run.number, `asked for${by}`, desk.now());
  });
  return { success: true };
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
      async (args: Fields, call: WandbCall) =>
        (await isThere(root, args, call)) ? root.answer(args, call) : null,
    ]),
  );
}

/** Whether there is something to answer about. @throws {WandbRefusal} where the caller may not */
async function isThere({ policy, about }: Root, args: Fields, call: WandbCall): Promise<boolean> {
  if (about === "nothing" || call.caller.isAdmin) return true;
  const subjects = await about(args, call);
  if (subjects === null) return false;
  await demandInWords(call, policy, subjects);
  return true;
}

/** These clients show their users what comes as an error of GraphQL's, and not what comes with a status. */
async function demandInWords({ caller }: WandbCall, policy: ProjectRole, subjects: Subjects): Promise<void> {
  try {
    await demandSubjects(caller, policy, subjects);
  } catch (error) {
    throw error instanceof Refused ? new WandbRefusal(error.message) : error;
  }
}

/** A project that is there, or `null`. */
async function projectFields(place: ProjectPlace, { desk }: WandbCall): Promise<Fields | null> {
  const project = await findWandbProject(desk.database, place);
  if (!project || project.stage === "deleted") return null;
  const { number } = project;
  const run = async ({ name }: Fields, call: WandbCall): Promise<Fields | null> => {
    const found = await findWandbRun(call.desk.database, { ...place, name: textOf(name) ?? "" });
    return found?.run.project === number && found.run.stage === "active" ? runFields(found) : null;
  };
  return {
    ...bareProject(place, number),
    run,
    bucket: run,
    artifactType: ({ name }: Fields, call: WandbCall) => typeFields(call, number, textOf(name) ?? ""),
    artifact: ({ name }: Fields, call: WandbCall) => artifactNamed(call, number, textOf(name) ?? ""),
    artifactCollection: ({ name }: Fields, call: WandbCall) =>
      collectionFields(call, number, textOf(name) ?? ""),
    artifactCollectionMembership: ({ name }: Fields, call: WandbCall) =>
      membershipFields(call, number, textOf(name) ?? ""),
  };
}
