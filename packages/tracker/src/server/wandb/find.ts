/** @file Finds the run or the artifact that a mutation names; otherwise throws an error that the client shows. */
import { findArtifact, findWandbRun, type Reader, type WandbArtifact, type WandbRun } from "../../index.ts";
import { type Fields, type IdKind, nameOf, numberOf } from "./fields.ts";
import { placeIn } from "./project-place.ts";
import { wandbMissing, wandbRefusal } from "./refuse.ts";

/** Finds a run by its path. @throws {HttpError} if there is none */
export async function runOf(reader: Reader, fields: Fields): Promise<WandbRun> {
  const path = { ...placeIn(fields), name: nameOf(fields["runName"], "run") };
  return requireRun(await findWandbRun(reader, path));
}

/** Finds a run by its id. @throws {HttpError} if there is none */
export async function runOfId(reader: Reader, id: unknown): Promise<WandbRun> {
  const number = numberOf("Run", id);
  return requireRun(number === null ? null : await findWandbRun(reader, { number }));
}

function requireRun(run: WandbRun | null): WandbRun {
  if (run) return run;
  throw wandbMissing("There is no such run.");
}

/** Finds an artifact by its id or its manifest's. @throws {HttpError} if there is none */
export async function artifactOf(
  reader: Reader,
  id: unknown,
  kind: IdKind = "Artifact",
): Promise<WandbArtifact> {
  const number = numberOf(kind, id);
  const artifact = number === null ? null : await findArtifact(reader, number);
  if (artifact) return artifact;
  throw wandbMissing("There is no such artifact.");
}

/** Finds an uncommitted artifact by its id. @throws {HttpError} if there is none, or it is committed */
export async function pendingArtifact(reader: Reader, id: unknown, kind?: IdKind): Promise<WandbArtifact> {
  const artifact = await artifactOf(reader, id, kind);
  if (artifact.state === "PENDING") return artifact;
  throw wandbRefusal("The artifact is committed and changes no more.");
}
