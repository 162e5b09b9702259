/**
 * @file The root fields of the schema, and what answers them.
 */
import {
  defaultEntity,
  findArtifact,
  findArtifactOfClient,
  findWandbRun,
  requestStop,
} from "../../../track/index.ts";
import type { Caller } from "../route.ts";
import * as changes from "./artifact-changes.ts";
import { artifactFields } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, textOf } from "./fields.ts";
import type { Roots } from "./graphql.ts";
import { guardRoots } from "./guard-roots.ts";
import { idOf, numberOf } from "./ids.ts";
import { projectFields } from "./project-fields.ts";
import { entityFields, placeOf } from "./project-place.ts";
import { WandbRefusal } from "./refuse.ts";
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
