/**
 * @file Creates artifacts in steps: the artifact, its manifest, addresses for its files, the files, and the commit that
 * gives it a version. Uncommitted artifacts are never visible.
 *
 * @source wandb/wandb core/pkg/artifacts/saver.go
 */
import { text } from "node:stream/consumers";
import type { TrackingContext } from "../../index.ts";
import {
  addArtifact,
  addArtifactFiles,
  addArtifactUse,
  changeArtifact,
  commitArtifact as commit,
  dropAliases,
  findArtifactOfDigest,
  findWandbRun,
  listArtifactFiles,
  readLooseJson,
  referenceMd5,
  deleteArtifact as remove,
  setAliases,
  setFileSizes,
  type Transaction,
  type WandbArtifact,
} from "../../index.ts";
import { artifactFields, artifactFile, bareType, manifestFields } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { completeList, countOf, type Fields, fieldsOf, nameOf, textOf, textsOf } from "./fields.ts";
import { contentKey, manifestKey } from "./file-links.ts";
import { artifactOf, pendingArtifact, runOf } from "./find.ts";
import { openProject, placeIn } from "./project-place.ts";
import { wandbRefusal } from "./refuse.ts";

/** Maximum files of a request. */
const maxFiles = 10_000;

/** Creates the project for artifacts of a type. The type itself exists once it has an artifact. */
export async function createArtifactType(fields: Fields, call: WandbCall): Promise<Fields> {
  const name = nameOf(fields["name"], "type");
  const nowMs = call.context.now();
  const project = await call.context.write((transaction) =>
    openProject(transaction, placeIn(fields), call, nowMs),
  );
  return { artifactType: bareType(project.number, name) };
}

/** Creates an artifact, or returns the existing one if its collection has one with the same digest. */
export async function createArtifact(fields: Fields, call: WandbCall): Promise<Fields> {
  requireNoTags(fields);
  const { context } = call;
  const path = placeIn(fields);
  const [first] = textsOf(fields["artifactCollectionNames"]);
  const collection = nameOf(fields["artifactCollectionName"] ?? first, "collection");
  const type = nameOf(fields["artifactTypeName"], "type");
  const digest = textOf(fields["digest"]) ?? "";
  const runName = textOf(fields["runName"]);
  const aliases = aliasesOf(fields["aliases"]);
  const artifact = await context.write(async (transaction) => {
    const project = await openProject(transaction, path, call, context.now());
    const place = { project: project.number, collection };
    const same =
      fields["enableDigestDeduplication"] === true
        ? await findArtifactOfDigest(transaction, place, digest)
        : null;
    if (same) {
      await setAliases(transaction, same, aliases);
      return same;
    }
    const run = runName === null ? null : await findWandbRun(transaction, { ...path, name: runName });
    return addArtifact(transaction, {
      ...place,
      entity: path.entity,
      projectName: path.project,
      type,
      digest,
      description: textOf(fields["description"]),
      metadata: textOf(fields["metadata"]),
      run: run?.run.project === project.number ? run.run.number : null,
      createdMs: context.now(),
      historyStep: countOf(fields["historyStep"]),
      aliases,
      clientId: textOf(fields["clientID"]),
      sequenceClientId: textOf(fields["sequenceClientID"]),
    });
  });
  return { artifact: artifactFields(artifact) };
}

/** Sets the manifest of an uncommitted artifact. */
export async function createArtifactManifest(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const name = textOf(fields["name"]) ?? "";
  if (!name.startsWith("wandb_manifest") || manifestKey(0, name) === null || name.includes("/")) {
    throw wandbRefusal("That is no name of a manifest.");
  }
  // Patches and incremental manifests would have to be merged with others, which is not supported.
  if (fields["type"] !== undefined && fields["type"] !== null && fields["type"] !== "FULL") {
    throw wandbRefusal(
      "tunewise takes whole artifacts alone: none in increments, none from several writers.",
    );
  }
  const artifact = await context.write(async (transaction) => {
    const pending = await pendingArtifact(transaction, fields["artifactID"]);
    await changeArtifact(transaction, pending.number, { manifest: name });
    return pending;
  });
  return { artifactManifest: manifestFields(artifact, name) };
}

/** Returns the upload address of a manifest again. */
export async function updateArtifactManifest(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const id = fields["artifactManifestID"];
  const artifact = await pendingArtifact(context.database, id, "ArtifactManifest");
  return { artifactManifest: manifestFields(artifact, artifact.manifest ?? "wandb_manifest.json") };
}

/** Returns upload addresses for an artifact's files, except for content that is already stored. */
export async function createArtifactFiles(fields: Fields, call: WandbCall): Promise<Fields> {
  const { context } = call;
  const specs = (fields["artifactFiles"] as readonly unknown[]).map(fieldsOf);
  if (specs.length > maxFiles) throw wandbRefusal(`At most ${maxFiles} files at once.`);
  const files = specs.map((spec) => ({
    id: spec["artifactID"],
    name: textOf(spec["name"]) ?? "",
    md5: hexOf(spec["md5"]),
    bytes: 0,
  }));
  const artifacts = await context.write(async (transaction) => {
    const found = new Map<unknown, WandbArtifact>();
    for (const id of new Set(files.map((file) => file.id))) {
      const artifact = await pendingArtifact(transaction, id);
      found.set(id, artifact);
      const own = files.filter((file) => file.id === id).map(({ id: _, ...file }) => file);
      await addArtifactFiles(transaction, artifact.number, own);
    }
    return found;
  });
  const nodes: Fields[] = [];
  for (const file of files) {
    const artifact = artifacts.get(file.id) as WandbArtifact;
    const key = contentKey(artifact.project, file.md5);
    const isThere = (await context.artifacts.size(key)) !== null;
    nodes.push({
      ...artifactFile(artifact, file),
      uploadUrl: () => (isThere ? null : call.link("put", key, artifact.project)),
    });
  }
  return { files: completeList(nodes) };
}

/** Commits an artifact as a version of its collection, once all its files are stored. */
export async function commitArtifact(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const artifact = await artifactOf(context.database, fields["artifactID"]);
  if (artifact.state === "COMMITTED") return { artifact: artifactFields(artifact) };
  const sizes = new Map<string, number>();
  for (let after = ""; ; ) {
    const page = await listArtifactFiles(context.database, artifact.number, { after, limit: 1_000 });
    for (const { name, md5 } of page) {
      const bytes = await context.artifacts.size(contentKey(artifact.project, md5));
      if (bytes === null) throw wandbRefusal(`The file ${name} of the artifact has not arrived.`);
      sizes.set(name, bytes);
    }
    const last = page.at(-1);
    if (!last) break;
    after = last.name;
  }
  const references = await referencesOf(context, artifact);
  const committed = await context.write(async (transaction) => {
    const names = [...references.keys()].filter((name) => !sizes.has(name));
    await addArtifactFiles(
      transaction,
      artifact.number,
      names.map((name) => ({ name, md5: referenceMd5 })),
    );
    await setFileSizes(transaction, artifact.number, new Map([...references, ...sizes]));
    return commit(transaction, artifact.number);
  });
  return { artifact: artifactFields(committed) };
}

/** Maximum size of a manifest that is searched for references; a million entries take about 200 MB. */
const maxManifestBytes = 256 * 1024 ** 2;

/**
 * References in an artifact's manifest with their sizes. Clients request the list of an artifact's files, which must
 * include references, since clients download these too.
 */
async function referencesOf(
  { artifacts }: TrackingContext,
  { number, manifest }: WandbArtifact,
): Promise<ReadonlyMap<string, number>> {
  const references = new Map<string, number>();
  const key = manifest === null ? null : manifestKey(number, manifest);
  const opened = key === null ? null : await artifacts.open(key);
  if (opened === null) return references;
  if (opened.bytes > maxManifestBytes) {
    opened.content.destroy();
    return references;
  }
  const contents = fieldsOf(fieldsOf(readLooseJson(await text(opened.content)))["contents"]);
  for (const [name, entry] of Object.entries(contents)) {
    const { ref, size } = fieldsOf(entry);
    if (typeof ref === "string") references.set(name, countOf(size) ?? 0);
  }
  return references;
}

/** Records an artifact as an input of a run. */
export async function useArtifact(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const artifact = await context.write(async (transaction) => {
    const found = await artifactOf(transaction, fields["artifactID"]);
    const { run } = await runOf(transaction, fields);
    await addArtifactUse(transaction, run.number, found.number);
    return found;
  });
  return { artifact: artifactFields(artifact) };
}

/** Changes an artifact's description, metadata and aliases. */
export async function updateArtifact(fields: Fields, { context }: WandbCall): Promise<Fields> {
  requireNoTags(fields);
  const artifact = await context.write(async (transaction) => {
    const found = await artifactOf(transaction, fields["artifactID"]);
    await changeArtifact(transaction, found.number, {
      description: typeof fields["description"] === "string" ? fields["description"] : undefined,
      metadata: textOf(fields["metadata"]) ?? undefined,
    });
    await setAliases(transaction, found, aliasesOf(fields["aliases"]));
    return artifactOf(transaction, fields["artifactID"]);
  });
  return { artifact: artifactFields(artifact) };
}

/** Gives an artifact aliases in its own collection. */
export async function addAliases(fields: Fields, call: WandbCall): Promise<Fields> {
  await changeAliases(fields, call, setAliases);
  return { success: true };
}

/** Removes aliases from an artifact. */
export async function deleteAliases(fields: Fields, call: WandbCall): Promise<Fields> {
  await changeAliases(fields, call, dropAliases);
  return { success: true };
}

async function changeAliases(
  fields: Fields,
  { context }: WandbCall,
  change: (transaction: Transaction, artifact: WandbArtifact, aliases: readonly string[]) => Promise<void>,
): Promise<void> {
  const wanted = Array.isArray(fields["aliases"]) ? fields["aliases"].map(fieldsOf) : [];
  if (wanted.length > maxAliases) throw wandbRefusal(`At most ${maxAliases} aliases at once.`);
  await context.write(async (transaction) => {
    const artifact = await artifactOf(transaction, fields["artifactID"]);
    if (artifact.state !== "COMMITTED") throw wandbRefusal("Only a committed artifact has aliases.");
    const elsewhere = wanted.find((alias) => alias["artifactCollectionName"] !== artifact.collection);
    if (elsewhere) {
      throw wandbRefusal(
        "tunewise has no registry of artifacts: an alias belongs to the artifact's own collection.",
      );
    }
    await change(transaction, artifact, aliasesOf(wanted));
  });
}

/** Maximum aliases of a request. */
const maxAliases = 1_000;

/** Deletes a version. If users gave it aliases, the request must state that these are deleted too. */
export async function deleteArtifact(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const artifact = await context.write(async (transaction) => {
    const found = await artifactOf(transaction, fields["artifactID"]);
    const named = found.aliases.filter((alias) => alias !== "latest");
    if (named.length > 0 && fields["deleteAliases"] !== true) {
      throw wandbRefusal(
        `The artifact has the aliases ${named.join(", ")}: delete it with delete_aliases=True.`,
      );
    }
    await remove(transaction, found);
    return found;
  });
  return { artifact: artifactFields(artifact), success: true };
}

/** Refuses tags, which would otherwise be lost silently. */
function requireNoTags(fields: Fields): void {
  const tags = [fields["tags"], fields["tagsToAdd"], fields["tagsToDelete"]];
  if (tags.some((list) => Array.isArray(list) && list.length > 0))
    throw wandbRefusal("tunewise keeps no tags of artifacts: use aliases, or the artifact's metadata.");
}

function aliasesOf(value: unknown): string[] {
  const aliases = Array.isArray(value) ? value.map((item) => nameOf(fieldsOf(item)["alias"], "alias")) : [];
  return aliases.filter((alias) => alias !== "latest" && !/^v\d+$/.test(alias));
}

/** Converts an MD5 from base64, as W&B clients send it, to hexadecimal. */
function hexOf(value: unknown): string {
  const bytes = Buffer.from(textOf(value) ?? "", "base64");
  if (bytes.length !== 16) throw wandbRefusal("A file comes with its MD5.");
  return bytes.toString("hex");
}
