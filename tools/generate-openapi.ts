/**
 * @file Makes `schema/openapi.json`, the description of the routes of `tunewise serve`, from the table they are
 * answered by. A server gives the same at `/openapi.json`.
 */
import { tmpdir } from "node:os";
import { openTrackingContext } from "../src/app/tracking/index.ts";

import { packageVersion } from "../src/catalog/index.ts";

import {
  dashboardProtocol,
  describeRoutes,
  mlflowProtocol,
  tunewiseProtocol,
  wandbProtocol,
  withAbout,
} from "../src/server/index.ts";

/** Where the description goes. */
export const target = "schema/openapi.json";

/** The description as text. */
export async function generate(): Promise<string> {
  const runtime = { now: () => new Date(0), random: () => 0 };
  const context = await openTrackingContext({ store: ":memory:", artifacts: tmpdir() }, runtime);
  try {
    const clients = [
      ...[mlflowProtocol(context, "3.18.0"), wandbProtocol(context), tunewiseProtocol(context)],
      dashboardProtocol(context, null),
    ];
    const protocols = withAbout(clients, packageVersion(), null);
    return `${JSON.stringify(describeRoutes(protocols, packageVersion()), null, 2)}\n`;
  } finally {
    await context.close();
  }
}
