/** @file Assembles all protocols of a tracking server. */

import type { TrackingContext } from "@tunewise/tracker";
import type { Protocol } from "@tunewise/tracker/http";
import type { ArtifactPlaces, IdentifyUsers } from "@tunewise/tracker/server";
import { mlflowProtocol, pageProtocol, wandbProtocol } from "@tunewise/tracker/server";
import type { ServedRecipes } from "../../app/dashboard/index.ts";
import { packageFile } from "../../catalog/index.ts";
import { dashboardProtocol } from "./dashboard/dashboard-protocol.ts";
import { tunewiseProtocol } from "./tunewise/protocol.ts";

/** The version of MLflow whose routes are implemented, for clients that query it. */
const mlflowVersion = "3.18.0";

/** Settings besides the store: folders, recipes and addresses. */
interface ServedFolders {
  /** Absolute path of the output folder whose runs the store records; `null` if they are elsewhere. */
  readonly output: string | null;
  /** Accepted sources of models and runs' files; by default only this server's own. */
  readonly artifacts?: ArtifactPlaces | undefined;
  /** Recipes that the page may plan, check and start; none by default. */
  readonly recipes?: ServedRecipes | undefined;
  /** The address under which people reach the page; by default as reported by a proxy. */
  readonly publicUrl?: URL | null | undefined;
  /** Folder of the page's build; by default the package's. */
  readonly page?: string | undefined;
}

/** The protocols of tracking clients, and the page. */
export function trackingProtocols(
  context: TrackingContext,
  identify: IdentifyUsers,
  { output, artifacts, recipes, publicUrl = null, page = packageFile("dist/web") }: ServedFolders,
): Protocol[] {
  return [
    ...[mlflowProtocol(context, mlflowVersion, artifacts), wandbProtocol(context), tunewiseProtocol(context)],
    ...[dashboardProtocol({ ...context, output, recipes }, identify, publicUrl), pageProtocol(page)],
  ];
}
