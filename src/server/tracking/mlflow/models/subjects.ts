/**
 * @file What requests about models are about: the project of a logged model; of the registry's versions, the projects
 * of the runs and models that they were made from.
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
import { findModelVersion, readProjectsOf, readProjectsOfVersions } from "../../../../track/index.ts";
import type { Subject } from "../../route.ts";
import type { Fields } from "../fields.ts";
import { findExperiment } from "../find.ts";
import type { ArtifactPlaces } from "../places.ts";
import { type FieldsAbout, modelSubjects } from "../subjects.ts";
import { aliasName, idOrNull, modelId, registeredName, versionNumber } from "./checks.ts";
import { readSubjects } from "./create-version.ts";

/** The logged model that the path names. */
export function aboutModel(desk: TrackingContext): FieldsAbout {
  return { all: (_, { words }) => modelSubjects(desk, new Map([[modelId(words), undefined]])) };
}

/** A logged model to come: its experiment, and the run that it says it comes from. */
export function aboutNewModel({ database }: TrackingContext): FieldsAbout {
  return {
    all: async (fields) => {
      const { number } = await findExperiment(database, fields);
      const run = idOrNull(fields, "source_run_id");
      const runs = run === null ? new Map() : await readProjectsOf(database, "run", [run]);
      return [number, ...runs.values()].map((project) => ({ project }));
    },
  };
}

/** A version, or with `all` every version of the name. */
export function aboutVersions(desk: TrackingContext, which: (fields: Fields) => "all" | number): FieldsAbout {
  return {
    registryAnd: async (fields) => {
      const version = which(fields);
      return versionSubjects(desk, registeredName(fields), version === "all" ? null : version);
    },
  };
}

/** The version that the fields name. */
export function aboutVersion(desk: TrackingContext): FieldsAbout {
  return aboutVersions(desk, versionNumber);
}

/** The version behind an alias. */
export function aboutAlias(desk: TrackingContext): FieldsAbout {
  return {
    registryAnd: async (fields) => {
      const name = registeredName(fields);
      const version = await findModelVersion(desk.database, name, { alias: aliasName(fields) });
      return version ? versionSubjects(desk, name, version.version) : [];
    },
  };
}

/** A version to come: what it is to be made from. */
export function aboutNewVersion({ database }: TrackingContext, places: ArtifactPlaces): FieldsAbout {
  return {
    registryAnd: async (fields) =>
      (await readSubjects(database, places, fields)).map((project) => ({ project })),
  };
}

async function versionSubjects(
  { database }: TrackingContext,
  name: string,
  version: number | null,
): Promise<Subject[]> {
  return (await readProjectsOfVersions(database, name, version)).map((project) => ({ project }));
}
