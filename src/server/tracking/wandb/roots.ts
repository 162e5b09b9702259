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
import * as changes from "./artifact-changes.ts";
import { artifactFields } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, textOf } from "./fields.ts";
import type { Roots } from "./graphql.ts";
import { idOf, numberOf } from "./ids.ts";
import { projectFields } from "./project-fields.ts";
import { entityFields, placeOf } from "./project-place.ts";
import { WandbRefusal } from "./refuse.ts";
import { createRunFiles } from "./run-files.ts";
import { upsertBucket } from "./upsert-bucket.ts";

/**
 * What clients may count on beyond what all servers have.
 *
 * @source wandb/wandb wandb/proto/wandb_internal.proto, ServerFeature
 */
const features = ["PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP", "ARTIFACT_COLLECTION_MEMBERSHIP_FILES"];

/** Root fields by name. */
export const wandbRoots: Roots<WandbCall> = {
  viewer: (_, { caller }) => viewer(caller.name),
  serverInfo: () => ({ features: features.map((name) => ({ name, isEnabled: true })), cliVersionInfo: {} }),
  entity: ({ name }) => entityFields(textOf(name) ?? defaultEntity),
  model: ({ name, entityName }, call) => projectFields(placeOf(entityName, name), call),
  project: ({ name, entityName }, call) => projectFields(placeOf(entityName, name), call),
  artifact: async ({ id }, { desk }) => {
    const number = numberOf("Artifact", id);
    const artifact = number === null ? null : await findArtifact(desk.database, number);
    return artifact ? artifactFields(artifact) : null;
  },
  clientIDMapping: async ({ clientID }, { desk }) => {
    const artifact = await findArtifactOfClient(desk.database, textOf(clientID) ?? "");
    return artifact ? { serverID: idOf("Artifact", artifact.number) } : null;
  },
  upsertBucket,
  createRunFiles,
  // Files are known by being there: nothing is left to note down.
  markRunFilesUploaded: () => ({ success: true }),
  stopRun,
  ...changes,
};

function viewer(name: string): Fields {
  const shown = name === "" ? defaultEntity : name;
  return {
    id: Buffer.from(`User:${shown}`).toString("base64"),
    entity: defaultEntity,
    username: shown,
    name: shown,
    email: "",
    admin: false,
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
