/**
 * @file Artifacts, as these clients ask for them.
 *
 * @source wandb/wandb wandb/sdk/artifacts/_generated/operations.py
 */
import {
  findArtifactNamed,
  findLatestArtifact,
  findWandbRun,
  hasArtifactType,
  listArtifactFiles,
  sumArtifactFiles,
  type WandbArtifact,
  type WandbArtifactFile,
} from "../../../track/index.ts";
import type { WandbCall } from "./call.ts";
import { countOf, type Fields, idOf, textOf, textsOf } from "./fields.ts";
import { contentKey, manifestKey } from "./file-links.ts";
import { bareProject } from "./project-place.ts";
import { runFields } from "./run-fields.ts";

/** Artifacts are retained until somebody removes them. */
const noEnd = -1;
/** Files of a page. */
const maxPage = 1_000;

/** A type, whether or not there is an artifact of it. */
export function bareType(project: number, name: string): Fields {
  return { id: idOf("ArtifactType", project, name), name, description: null };
}

/** Fields of a project that lead to its artifacts, each `null` if there is none of the name. */
export function artifactLookups(project: number): Fields {
  const named = async (name: unknown, { context }: WandbCall): Promise<WandbArtifact | null> => {
    const [collection = "", alias = "latest"] = (textOf(name) ?? "").split(":");
    return findArtifactNamed(context.database, { project, collection, alias });
  };
  return {
    artifactType: async ({ name }: Fields, { context }: WandbCall) => {
      const type = textOf(name) ?? "";
      return (await hasArtifactType(context.database, project, type)) ? bareType(project, type) : null;
    },
    artifact: async ({ name }: Fields, call: WandbCall) => {
      const artifact = await named(name, call);
      return artifact ? artifactFields(artifact) : null;
    },
    artifactCollection: async ({ name }: Fields, { context }: WandbCall) => {
      const newest = await findLatestArtifact(context.database, project, textOf(name) ?? "");
      return newest ? collection(newest) : null;
    },
    artifactCollectionMembership: async ({ name }: Fields, call: WandbCall) => {
      const artifact = await named(name, call);
      return artifact ? membership(artifact) : null;
    },
  };
}

function membership(artifact: WandbArtifact): Fields {
  return {
    id: idOf("ArtifactCollectionMembership", artifact.number),
    versionIndex: artifact.version,
    createdAt: new Date(artifact.createdMs).toISOString(),
    aliases: () => aliasesOf(artifact),
    artifactCollection: () => collection(artifact),
    artifact: () => artifactFields(artifact),
    files: (args: Fields, call: WandbCall) => filesOf(call, artifact, args),
  };
}

/** The collection that a version belongs to. */
function collection(artifact: WandbArtifact): Fields {
  const { project, entity, projectName, type, collection: name, createdMs } = artifact;
  return {
    __typename: "ArtifactSequence",
    id: idOf("ArtifactSequence", project, name),
    name,
    description: null,
    createdAt: new Date(createdMs).toISOString(),
    updatedAt: null,
    project: bareProject({ entity, project: projectName }, project),
    defaultArtifactType: bareType(project, type),
    tags: { edges: [] },
    latestArtifact: async (_: Fields, { context }: WandbCall) => {
      const newest = await findLatestArtifact(context.database, project, name);
      return newest ? artifactFields(newest) : null;
    },
    artifactMembership: async ({ aliasName }: Fields, { context }: WandbCall) => {
      const alias = textOf(aliasName) ?? "latest";
      const found = await findArtifactNamed(context.database, { project, collection: name, alias });
      return found ? membership(found) : null;
    },
  };
}

function aliasesOf(artifact: WandbArtifact): Fields[] {
  return artifact.aliases.map((alias) => ({
    id: idOf("ArtifactAlias", artifact.number, alias),
    alias,
    artifactCollection: () => collection(artifact),
  }));
}

/** An artifact. */
export function artifactFields(artifact: WandbArtifact): Fields {
  const { number, project, description, metadata, digest, state } = artifact;
  const sums = (call: WandbCall): ReturnType<typeof sumArtifactFiles> =>
    sumArtifactFiles(call.context.database, number);
  return {
    id: idOf("Artifact", number),
    artifactSequence: () => collection(artifact),
    versionIndex: artifact.version,
    artifactType: bareType(project, artifact.type),
    description,
    metadata,
    ttlDurationSeconds: noEnd,
    ttlIsInherited: true,
    tags: [],
    historyStep: artifact.historyStep,
    state,
    size: async (_: Fields, call: WandbCall) => (await sums(call)).bytes,
    fileCount: async (_: Fields, call: WandbCall) => (await sums(call)).files,
    digest,
    digestAlgorithm: "MANIFEST_MD5",
    commitHash: digest,
    createdAt: new Date(artifact.createdMs).toISOString(),
    updatedAt: null,
    aliases: () => aliasesOf(artifact),
    currentManifest: () => (artifact.manifest === null ? null : manifestFields(artifact, artifact.manifest)),
    createdBy: async (_: Fields, { context }: WandbCall) => {
      const run =
        artifact.run === null ? null : await findWandbRun(context.database, { number: artifact.run });
      return run && run.run.project === project ? runFields(run) : null;
    },
    files: (args: Fields, call: WandbCall) => filesOf(call, artifact, args),
  };
}

/** The manifest of an artifact: its files and where they come from, as its client wrote them down. */
export function manifestFields(artifact: WandbArtifact, name: string): Fields {
  const id = idOf("ArtifactManifest", artifact.number);
  const key = manifestKey(artifact.number, name);
  const link = (mode: "put" | "get") => (_: Fields, call: WandbCall) =>
    key ? call.link(mode, key, artifact.project) : null;
  const file = { id, name, uploadHeaders: [], uploadUrl: link("put"), directUrl: link("get") };
  return { id, file };
}

async function filesOf(call: WandbCall, artifact: WandbArtifact, args: Fields): Promise<Fields> {
  const limit = Math.min(Math.max(countOf(args["first"]) ?? 50, 1), maxPage);
  const after = Buffer.from(textOf(args["after"]) ?? "", "base64").toString("utf8");
  const names = Array.isArray(args["names"]) ? textsOf(args["names"]) : undefined;
  const found = await listArtifactFiles(call.context.database, artifact.number, {
    after,
    limit: limit + 1,
    names,
  });
  const page = found.slice(0, limit);
  const cursor = (name: string): string => Buffer.from(name).toString("base64");
  return {
    totalCount: async () => (await sumArtifactFiles(call.context.database, artifact.number)).files,
    uploadHeaders: [],
    pageInfo: { endCursor: cursor(page.at(-1)?.name ?? ""), hasNextPage: found.length > limit },
    edges: page.map((file) => ({ node: artifactFile(artifact, file), cursor: cursor(file.name) })),
  };
}

/** A file of an artifact. */
export function artifactFile(artifact: WandbArtifact, { name, md5, bytes }: WandbArtifactFile): Fields {
  const key = contentKey(artifact.project, md5);
  const digest = Buffer.from(md5, "hex").toString("base64");
  const link = (_: Fields, call: WandbCall): Promise<string | null> =>
    call.link("get", key, artifact.project);
  return {
    id: idOf("ArtifactFile", artifact.number, name),
    name,
    displayName: name,
    directUrl: link,
    url: link,
    uploadHeaders: [],
    sizeBytes: bytes,
    storagePath: key,
    digest,
    md5: digest,
    artifact: () => artifactFields(artifact),
  };
}
