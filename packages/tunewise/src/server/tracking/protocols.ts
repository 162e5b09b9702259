/** @file Everything that a tracking server answers to. */
import type { ServedRecipes } from "../../app/dashboard/index.ts";
import type { TrackingContext } from "../../app/tracking/index.ts";
import { packageFile } from "../../catalog/index.ts";
import type { Protocol } from "../http/route.ts";
import { pageProtocol } from "../page/page-protocol.ts";
import type { IdentifyUsers } from "./access/identify.ts";
import { dashboardProtocol } from "./dashboard/dashboard-protocol.ts";
import type { ArtifactPlaces } from "./mlflow/places.ts";
import { mlflowProtocol } from "./mlflow/protocol.ts";
import { tunewiseProtocol } from "./tunewise/protocol.ts";
import { wandbProtocol } from "./wandb/protocol.ts";

/** The version of MLflow whose routes are answered, for clients that ask. */
const mlflowVersion = "3.18.0";

/** Where things lie that are not in the store. */
interface ServedFolders {
  /** Absolute path of the output folder whose runs the store records; `null`: they are elsewhere. */
  readonly output: string | null;
  /** Which sources of models and runs' files are taken; by default those of this server alone. */
  readonly artifacts?: ArtifactPlaces | undefined;
  /** Recipes that the page may plan, check and start; none without it. */
  readonly recipes?: ServedRecipes | undefined;
  /** The address under which people reach the page; by default what a proxy says. */
  readonly publicUrl?: URL | null | undefined;
  /** The page's build; by default that of the package. */
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
