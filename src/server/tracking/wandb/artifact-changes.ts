/**
 * @file Artifacts are made in turns: the artifact, its manifest, addresses for its files, the files, and the commit
 * that gives it a version. What was not committed is never seen.
 *
 * @source wandb/wandb core/pkg/artifacts/saver.go
 */
import {
  addArtifact,
  addArtifactFiles,
  addArtifactUse,
  changeArtifact,
  commitArtifact as commit,
  findArtifact,
  findArtifactOfDigest,
  findWandbRun,
  listArtifactFiles,
  type Reader,
  setAliases,
  setFileSizes,
  type WandbArtifact,
} from "../../../track/index.ts";
import { artifactFields, artifactFile, bareType, manifestFields } from "./artifact-fields.ts";
import type { WandbCall } from "./call.ts";
import { countOf, type Fields, fieldsOf, nameOf, textOf, textsOf } from "./fields.ts";
import { contentKey, manifestKey } from "./file-links.ts";
import { numberOf } from "./ids.ts";
import { openProject, placeIn } from "./project-place.ts";
import { WandbRefusal } from "./refuse.ts";

/** Files of one request. */
const filesMost = 10_000;

/** Makes a place for artifacts of a type; the type itself is there as soon as one of them is. */
export async function createArtifactType({ input }: Fields, call: WandbCall): Promise<Fields> {
  const fields = fieldsOf(input);
  const name = nameOf(fields["name"], "type");
  const nowMs = call.desk.now();
  const project = await call.desk.write((transaction) =>
    openProject(transaction, placeIn(fields), call, nowMs),
  );
  return { artifactType: bareType(project.number, name) };
}

/** Makes an artifact; one whose digest its collection has already is that one. */
export async function createArtifact({ input }: Fields, call: WandbCall): Promise<Fields> {
  const { desk } = call;
  const fields = fieldsOf(input);
  const path = placeIn(fields);
  const [first] = textsOf(fields["artifactCollectionNames"]);
  const collection = nameOf(fields["artifactCollectionName"] ?? first, "collection");
  const type = nameOf(fields["artifactTypeName"], "type");
  const digest = textOf(fields["digest"]) ?? "";
  const runName = textOf(fields["runName"]);
  const aliases = aliasesOf(fields["aliases"]);
  const artifact = await desk.write(async (transaction) => {
    const project = await openProject(transaction, path, call, desk.now());
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
      createdMs: desk.now(),
      historyStep: countOf(fields["historyStep"]),
      aliases,
      clientId: textOf(fields["clientID"]),
      sequenceClientId: textOf(fields["sequenceClientID"]),
    });
  });
  return { artifact: artifactFields(artifact) };
}

/** Names the manifest of an artifact that is being made. */
export async function createArtifactManifest({ input }: Fields, { desk }: WandbCall): Promise<Fields> {
  const fields = fieldsOf(input);
  const name = textOf(fields["name"]) ?? "";
  if (!name.startsWith("wandb_manifest") || manifestKey(0, name) === null || name.includes("/")) {
    throw new WandbRefusal("That is no name of a manifest.");
  }
  // A patch or an increment would have to be put together with others, which is not done here.
  if (fields["type"] !== undefined && fields["type"] !== null && fields["type"] !== "FULL") {
    throw new WandbRefusal(
      "tunewise takes whole artifacts alone: none in increments, none from several writers.",
    );
  }
  const artifact = await desk.write(async (transaction) => {
    const pending = await pendingArtifact(transaction, numberOf("Artifact", fields["artifactID"]));
    await changeArtifact(transaction, pending.number, { manifest: name });
    return pending;
  });
  return { artifactManifest: manifestFields(artifact, name) };
}

/** Gives the address of a manifest again. */
export async function updateArtifactManifest({ input }: Fields, { desk }: WandbCall): Promise<Fields> {
  const number = numberOf("ArtifactManifest", fieldsOf(input)["artifactManifestID"]);
  const artifact = await pendingArtifact(desk.database, number);
  return { artifactManifest: manifestFields(artifact, artifact.manifest ?? "wandb_manifest.json") };
}

/** Gives addresses for an artifact's files; a content that is there needs none. */
export async function createArtifactFiles({ input }: Fields, call: WandbCall): Promise<Fields> {
  const { desk } = call;
  const specs = (fieldsOf(input)["artifactFiles"] as readonly unknown[]).map(fieldsOf);
  if (specs.length > filesMost) throw new WandbRefusal(`At most ${filesMost} files at once.`);
  const files = specs.map((spec) => ({
    artifact: numberOf("Artifact", spec["artifactID"]),
    name: textOf(spec["name"]) ?? "",
    md5: hexOf(spec["md5"]),
    bytes: 0,
  }));
  const numbers = new Set(files.map(({ artifact }) => artifact));
  const artifacts = await desk.write(async (transaction) => {
    const found = new Map<number | null, WandbArtifact>();
    for (const number of numbers) {
      const artifact = await pendingArtifact(transaction, number);
      found.set(number, artifact);
      const own = files.filter((file) => file.artifact === number);
      await addArtifactFiles(transaction, artifact.number, own);
    }
    return found;
  });
  const nodes: Fields[] = [];
  for (const file of files) {
    const artifact = artifacts.get(file.artifact) as WandbArtifact;
    const key = contentKey(artifact.project, file.md5);
    const isThere = (await desk.artifacts.size(key)) !== null;
    nodes.push({
      ...artifactFile(artifact, file),
      uploadUrl: () => (isThere ? null : call.link("put", key, artifact.project)),
    });
  }
  return {
    files: {
      totalCount: nodes.length,
      uploadHeaders: [],
      pageInfo: { endCursor: null, hasNextPage: false },
      edges: nodes.map((node) => ({ node, cursor: null })),
    },
  };
}

/** Makes an artifact a version of its collection, once all that it names is there. */
export async function commitArtifact({ input }: Fields, { desk }: WandbCall): Promise<Fields> {
  const number = numberOf("Artifact", fieldsOf(input)["artifactID"]);
  const artifact = await knownArtifact(desk.database, number);
  if (artifact.state === "COMMITTED") return { artifact: artifactFields(artifact) };
  const sizes = new Map<string, number>();
  for (let after = ""; ; ) {
    const page = await listArtifactFiles(desk.database, artifact.number, { after, limit: 1_000 });
    for (const { name, md5 } of page) {
      const bytes = await desk.artifacts.size(contentKey(artifact.project, md5));
      if (bytes === null) throw new WandbRefusal(`The file ${name} of the artifact has not arrived.`);
      sizes.set(name, bytes);
    }
    const last = page.at(-1);
    if (!last) break;
    after = last.name;
  }
  const committed = await desk.write(async (transaction) => {
    await setFileSizes(transaction, artifact.number, sizes);
    return commit(transaction, artifact.number);
  });
  return { artifact: artifactFields(committed) };
}

/** Says that a run takes an artifact as its input. */
export async function useArtifact({ input }: Fields, { desk }: WandbCall): Promise<Fields> {
  const fields = fieldsOf(input);
  const artifact = await desk.write(async (transaction) => {
    const found = await knownArtifact(transaction, numberOf("Artifact", fields["artifactID"]));
    const run = await findWandbRun(transaction, {
      ...placeIn(fields),
      name: nameOf(fields["runName"], "run"),
    });
    if (!run) throw new WandbRefusal("There is no such run.");
    await addArtifactUse(transaction, run.run.number, found.number);
    return found;
  });
  return { artifact: artifactFields(artifact) };
}

/** Changes what is said about an artifact. */
export async function updateArtifact({ input }: Fields, { desk }: WandbCall): Promise<Fields> {
  const fields = fieldsOf(input);
  const artifact = await desk.write(async (transaction) => {
    const { number, project, collection } = await knownArtifact(
      transaction,
      numberOf("Artifact", fields["artifactID"]),
    );
    await changeArtifact(transaction, number, {
      description: textOf(fields["description"]) ?? undefined,
      metadata: textOf(fields["metadata"]) ?? undefined,
    });
    await setAliases(transaction, { number, project, collection }, aliasesOf(fields["aliases"]));
    return knownArtifact(transaction, number);
  });
  return { artifact: artifactFields(artifact) };
}

function aliasesOf(value: unknown): string[] {
  const aliases = Array.isArray(value) ? value.map((item) => nameOf(fieldsOf(item)["alias"], "alias")) : [];
  return aliases.filter((alias) => alias !== "latest" && !/^v\d+$/.test(alias));
}

async function knownArtifact(reader: Reader, number: number | null): Promise<WandbArtifact> {
  const artifact = number === null ? null : await findArtifact(reader, number);
  if (!artifact) throw new WandbRefusal("There is no such artifact.");
  return artifact;
}

async function pendingArtifact(reader: Reader, number: number | null): Promise<WandbArtifact> {
  const artifact = await knownArtifact(reader, number);
  if (artifact.state !== "PENDING") throw new WandbRefusal("The artifact is committed and changes no more.");
  return artifact;
}

/** An MD5 as hexadecimal; these clients write it as base64. */
function hexOf(value: unknown): string {
  const bytes = Buffer.from(textOf(value) ?? "", "base64");
  if (bytes.length !== 16) throw new WandbRefusal("A file comes with its MD5.");
  return bytes.toString("hex");
}
