/** @file Everything that a tracking server answers to. */
import type { TrackingContext } from "../../app/tracking/index.ts";
import { packageFile } from "../../catalog/index.ts";
import type { Protocol } from "../http/route.ts";
import { pageProtocol } from "../page/page-protocol.ts";
import type { IdentifyUsers } from "./access/identify.ts";
import { dashboardProtocol } from "./dashboard/dashboard-protocol.ts";
import { mlflowProtocol } from "./mlflow/protocol.ts";
import { tunewiseProtocol } from "./tunewise/protocol.ts";
import { wandbProtocol } from "./wandb/protocol.ts";

/** The version of MLflow whose routes are answered, for clients that ask. */
const mlflowVersion = "3.18.0";

/**
 * The protocols of tracking clients, and the page.
 *
 * @param page folder of the page's build
 */
export function trackingProtocols(
  context: TrackingContext,
  identify: IdentifyUsers,
  page: string = packageFile("dist/web"),
): Protocol[] {
  return [
    ...[mlflowProtocol(context, mlflowVersion), wandbProtocol(context), tunewiseProtocol(context)],
    ...[dashboardProtocol(context, identify), pageProtocol(page)],
  ];
}
