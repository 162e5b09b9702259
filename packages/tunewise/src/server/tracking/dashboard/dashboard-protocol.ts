/** @file The protocol of the page: every route that it reads and writes data by. */

import type { Protocol } from "@tunewise/tracker/http";
import type { IdentifyUsers } from "@tunewise/tracker/server";
import type { DashboardContext } from "../../../app/dashboard/index.ts";
import { errorShape, invalidBody, refuse } from "../tunewise/refuse.ts";
import { auditRoutes, auditShapes } from "./audit-routes.ts";
import { changeRoutes } from "./change-routes.ts";
import { compareRoutes, compareShapes } from "./compare-routes.ts";
import { curveRoutes, curveShapes } from "./curve-routes.ts";
import { decisionRoutes, decisionShapes } from "./decision-routes.ts";
import { moneyRoutes, moneyShapes } from "./money-routes.ts";
import { recipeRoutes, recipeShapes } from "./recipe-routes.ts";
import { runRoutes } from "./run-routes.ts";
import { runShapes } from "./run-shapes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { tableRoutes } from "./table-routes.ts";
import { tableShapes } from "./table-shapes.ts";

/** Creates the page's protocol, which other programs may use too. */
export function dashboardProtocol(
  context: DashboardContext,
  identify: IdentifyUsers,
  publicUrl: URL | null = null,
): Protocol {
  return {
    name: "dashboard",
    refuse,
    error: errorShape,
    invalid: invalidBody,
    isCompressed: true,
    about: "Data of the web page: sessions, runs table, curves, run details and change events.",
    shapes: {
      ...tableShapes,
      ...curveShapes,
      ...compareShapes,
      ...decisionShapes,
      ...recipeShapes,
      ...runShapes,
      ...moneyShapes,
      ...auditShapes,
      ReadableProject: "number!:int name! role!",
    },
    routes: [
      ...[...sessionRoutes(context, identify, publicUrl), ...tableRoutes(context), ...curveRoutes(context)],
      ...[...runRoutes(context), ...changeRoutes(context), ...decisionRoutes(context)],
      ...[...compareRoutes(context), ...recipeRoutes(context), ...moneyRoutes(context)],
      ...auditRoutes(context),
    ],
  };
}
