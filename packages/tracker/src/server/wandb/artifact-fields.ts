/**
 * @file Artifacts as fields of W&B's schema.
 *
 * @source wandb/wandb wandb/sdk/artifacts/_generated/operations.py
 */
import {
  type ArtifactsOf,
  type CollectionsOf,
  countArtifacts,
  countCollections,
  findArtifactNamed,
  findLatestArtifact,
  findWandbRun,
  hasArtifactType,
  listAliases,
  listArtifactFiles,
  listArtifacts,
  listArtifactTypes,
  listArtifactUsers,
  listCollections,
  readLooseJson,
  readWandbRuns,
  referenceMd5,
  sumArtifactFiles,
  type WandbArtifact,
  type WandbArtifactFile,
} from "../../index.ts";
import type { WandbCall } from "./call.ts";
import {
  completeList,
  connection,
  countOf,
  type Fields,
  fieldsOf,
  idOf,
  numberOf,
  pageOf,
  textOf,
  textsOf,
} from "./fields.ts";
import { contentKey, manifestKey } from "./file-links.ts";
import { bareProject } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";

/** Artifacts are retained until they are deleted. */
const noEnd = -1;
/** Maximum items of a page. */
const maxPage = 1_000;

/** An artifact type, whether or not it has artifacts. */
export function bareType(project: number, name: string): Fields {
  return {
    id: idOf("ArtifactType", project, name),
    name,
    description: null,
    createdAt: async (_: Fields, { context }: WandbCall) => {
      const types = await listArtifactTypes(context.database, project);
      const known = types.find((type) => type.name === name);
      return new Date(known?.createdMs ?? context.now()).toISOString();
    },
    artifactCollections: (args: Fields, call: WandbCall) =>
      collectionsOf(call, { project, type: name }, args),
    artifactSequences: (args: Fields, call: WandbCall) => collectionsOf(call, { project, type: name }, args),
    artifactCollection: (args: Fields, call: WandbCall) => collectionOfType(call, project, name, args),
    artifactSequence: (args: Fields, call: WandbCall) => collectionOfType(call, project, name, args),
    artifact: async (args: Fields, call: WandbCall) => {
      const artifact = await namedArtifact(call, project, args["name"]);
      return artifact?.type === name ? artifactFields(artifact) : null;
    },
  };
}

async function collectionOfType(
  { context }: WandbCall,
  project: number,
  type: string,
  { name }: Fields,
): Promise<Fields | null> {
  const newest = await findLatestArtifact(context.database, project, textOf(name) ?? "");
  return newest?.type === type ? collection(newest) : null;
}

/** Finds an artifact by a name such as `rows:v3` or `rows:best`; `null` if there is none. */
function namedArtifact(
  { context }: WandbCall,
  project: number,
  name: unknown,
): Promise<WandbArtifact | null> {
  const [collection = "", alias = "latest"] = (textOf(name) ?? "").split(":");
  return findArtifactNamed(context.database, { project, collection, alias });
}

/** Refuses filters other than for committed artifacts, which would otherwise be ignored silently. */
function requireNoFilter({ filters }: Fields): void {
  const text = textOf(filters);
  const asked = Object.entries(fieldsOf(text === null ? {} : readLooseJson(text)));
  if (asked.some(([key, value]) => key !== "state" || value !== "COMMITTED"))
    throw wandbRefusal("tunewise does not filter artifacts and their collections: list them, and choose.");
}

/** Returns a page of collections, ordered by name. */
async function collectionsOf(call: WandbCall, of: CollectionsOf, args: Fields): Promise<Fields> {
  requireNoFilter(args);
  const { database } = call.context;
  const { limit, after } = pageOf(args, maxPage);
  const last = Buffer.from(after ?? "", "base64").toString("utf8");
  const names = await listCollections(database, of, { after: last, limit: limit + 1 });
  const edges: { node: Fields; cursor: string }[] = [];
  for (const name of names.slice(0, limit)) {
    const newest = await findLatestArtifact(database, of.project, name);
    if (newest) edges.push({ node: collection(newest), cursor: Buffer.from(name).toString("base64") });
  }
  return connection(edges, names.length > limit, { totalCount: () => countCollections(database, of) });
}

/** Returns a page of artifacts. */
export async function artifactPage(call: WandbCall, of: ArtifactsOf, args: Fields): Promise<Fields> {
  requireNoFilter(args);
  const { database } = call.context;
  const { limit, after } = pageOf(args, maxPage);
  // Versions of a collection are listed newest first, a run's inputs and outputs oldest first.
  const order = "collection" in of && !/^\+/.test(textOf(args["order"]) ?? "") ? "newest" : "oldest";
  const page = { after: after === null ? null : numberOf("Artifact", after), limit: limit + 1 };
  const found = await listArtifacts(database, of, page, order);
  const edges: { node: Fields; cursor: string; version: string }[] = [];
  for (const artifact of found.slice(0, limit)) {
    // A run may have used artifacts of a project that the caller may not read.
    if (!(await call.mayRead(artifact.project))) continue;
    const { number, version } = artifact;
    edges.push({ node: artifactFields(artifact), cursor: idOf("Artifact", number), version: `v${version}` });
  }
  const last = found[limit - 1];
  const list = connection(edges, found.length > limit, { totalCount: () => countArtifacts(database, of) });
  // The last artifact of the page may be hidden from the caller.
  const endCursor = last ? idOf("Artifact", last.number) : null;
  return { ...list, pageInfo: { endCursor, hasNextPage: found.length > limit } };
}

/** Fields of a project that look up its artifacts by name; each is `null` if there is none. */
export function artifactLookups(project: number): Fields {
  return {
    artifactType: async ({ name }: Fields, { context }: WandbCall) => {
      const type = textOf(name) ?? "";
      return (await hasArtifactType(context.database, project, type)) ? bareType(project, type) : null;
    },
    artifact: async ({ name }: Fields, call: WandbCall) => {
      const artifact = await namedArtifact(call, project, name);
      return artifact ? artifactFields(artifact) : null;
    },
    artifactTypes: async (_: Fields, { context }: WandbCall) => {
      const types = await listArtifactTypes(context.database, project);
      return completeList(types.map(({ name }) => bareType(project, name)));
    },
    artifactCollections: (args: Fields, call: WandbCall) =>
      collectionsOf(call, { project, type: null }, args),
    artifactCollection: async ({ name }: Fields, { context }: WandbCall) => {
      const newest = await findLatestArtifact(context.database, project, textOf(name) ?? "");
      return newest ? collection(newest) : null;
    },
    artifactCollectionMembership: async ({ name }: Fields, call: WandbCall) => {
      const artifact = await namedArtifact(call, project, name);
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

/** The collection of a version. */
export function collection(artifact: WandbArtifact): Fields {
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
    state: "READY",
    tags: { edges: [] },
    artifacts: (args: Fields, call: WandbCall) => artifactPage(call, { project, collection: name }, args),
    versionCount: (_: Fields, { context }: WandbCall) =>
      countArtifacts(context.database, { project, collection: name }),
    aliases: async (_: Fields, { context }: WandbCall) => {
      const aliases = await listAliases(context.database, project, name);
      return completeList(
        aliases.map((alias) => ({ id: idOf("ArtifactAlias", project, name, alias), alias })),
      );
    },
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

/** Aliases including the version: clients before 0.17 read it from the aliases, later ones hide it there. */
function aliasesOf(artifact: WandbArtifact): Fields[] {
  const version = artifact.version === null ? [] : [`v${artifact.version}`];
  return [...version, ...artifact.aliases].map((alias) => ({
    id: idOf("ArtifactAlias", artifact.number, alias),
    alias,
    artifactCollection: () => collection(artifact),
  }));
}

/** Runs that used the artifact, in projects that the caller may read. */
async function usersOf(call: WandbCall, { number }: WandbArtifact): Promise<Fields> {
  const runs = await readWandbRuns(
    call.context.database,
    await listArtifactUsers(call.context.database, number),
  );
  const nodes: Fields[] = [];
  for (const run of runs) {
    const isShown = run.run.stage === "active" && (await call.mayRead(run.run.project));
    if (isShown) nodes.push(call.runFields(run));
  }
  return completeList(nodes);
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
    createdBy: async (_: Fields, call: WandbCall) => {
      const { database } = call.context;
      const run = artifact.run === null ? null : await findWandbRun(database, { number: artifact.run });
      return run && run.run.project === project ? call.runFields(run) : null;
    },
    usedBy: (_: Fields, call: WandbCall) => usersOf(call, artifact),
    artifactMemberships: () => completeList([membership(artifact)]),
    isLink: false,
    files: (args: Fields, call: WandbCall) => filesOf(call, artifact, args),
  };
}

/** The manifest of an artifact: its files and their origins, as written by its client. */
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
  // Clients fetch a reference from the address in the manifest, but still require one here.
  const isReference = md5 === referenceMd5;
  const key = contentKey(artifact.project, md5);
  const digest = Buffer.from(md5, "hex").toString("base64");
  const link = async (_: Fields, call: WandbCall): Promise<string | null> =>
    isReference ? "" : call.link("get", key, artifact.project);
  return {
    id: idOf("ArtifactFile", artifact.number, name),
    name,
    displayName: name,
    directUrl: link,
    url: link,
    uploadHeaders: [],
    sizeBytes: bytes,
    storagePath: isReference ? null : key,
    digest,
    md5: digest,
    artifact: () => artifactFields(artifact),
  };
}
