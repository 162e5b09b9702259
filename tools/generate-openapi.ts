/**
 * @file Generates `schema/openapi.json`, the description of the routes of `tunewise serve`, from its route table. A
 * server returns the same document at `/openapi.json`.
 */
import { tmpdir } from "node:os";
import { openTrackingContext } from "@tunewise/tracker";
import { describeRoutes } from "@tunewise/tracker/http";
import { identifyUsers, withAbout } from "@tunewise/tracker/server";
import { packageVersion } from "../packages/tunewise/src/catalog/index.ts";
import { trackingProtocols } from "../packages/tunewise/src/server/index.ts";

/** Path of the description. */
export const target = "schema/openapi.json";

/** The description as text. */
export async function generate(): Promise<string> {
  const runtime = { now: () => new Date(0), random: () => 0 };
  const context = await openTrackingContext({ store: ":memory:", artifacts: tmpdir() }, runtime);
  try {
    const own = trackingProtocols(context, identifyUsers({ ...context, now: () => 0 }), { output: null });
    const protocols = withAbout(own, packageVersion(), null);
    return `${JSON.stringify(describeRoutes(protocols, packageVersion()), null, 2)}\n`;
  } finally {
    await context.close();
  }
}
