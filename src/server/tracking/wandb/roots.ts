/**
 * @file The root fields of the schema, and what answers them, each behind its guard: it has subjects, and
 * nothing is answered before the caller's rights in them were checked, under whatever aliases and however often a query
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
import { demandSubjects } from "../../http/authorize.ts";
import { type Caller, Refusal, type Subjects } from "../../http/route.ts";
import * as changes from "./artifact-changes.ts";
import { artifactFields, artifactLookups } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, idOf, numberOf, textOf } from "./fields.ts";
import { runOfId } from "./find.ts";
import type { Roots } from "./graphql.ts";
import { bareProject, entityFields, type ProjectPlace, placeOf } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";
import { createRunFiles, runFields } from "./run-fields.ts";
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

const changing = { policy: "write", about: aboutArtifactId("artifactID") } as const;

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

function project({ name, entityName }: Fields, call: WandbCall): Promise<Fields | null> {
  return projectFields(placeOf(entityName, name), call);
}

function viewer({ name, isAdmin }: Caller): Fields {
  const shown = name === "" ? defaultEntity : name;
  return {
    id: idOf("User", shown),
    entity: defaultEntity,
    username: shown,
    name: shown,
    email: "",
    admin: name !== "" && isAdmin,
    flags: "{}",
    teams: { edges: [{ node: entityFields(defaultEntity) }] },
  };
}

async function stopRun({ id }: Fields, { context, caller }: WandbCall): Promise<Fields> {
  await context.write(async (transaction) => {
    const { run } = await runOfId(transaction, id);
    const by = caller.name === "" ? "" : ` by ${caller.name}`;
    await requestStop(transaction, run.number, `asked for${by}`, context.now());
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
      async (args: Fields, call: WandbCall) => {
        // Changes have all of their arguments in one.
        const fields = "input" in args ? fieldsOf(args["input"]) : args;
        return (await isThere(root, fields, call)) ? root.answer(fields, call) : null;
      },
    ]),
  );
}

/** Whether there is something to answer about. @throws {Refusal} where the caller may not */
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
    throw error instanceof Refusal ? wandbRefusal(error.message) : error;
  }
}

/** A project that is there, or `null`. */
async function projectFields(place: ProjectPlace, { context }: WandbCall): Promise<Fields | null> {
  const project = await findWandbProject(context.database, place);
  if (!project || project.stage === "deleted") return null;
  const { number } = project;
  const run = async ({ name }: Fields, call: WandbCall): Promise<Fields | null> => {
    const found = await findWandbRun(call.context.database, { ...place, name: textOf(name) ?? "" });
    return found?.run.project === number && found.run.stage === "active" ? runFields(found) : null;
  };
  return {
    ...bareProject(place, number),
    run,
    bucket: run,
    ...artifactLookups(number),
  };
}
