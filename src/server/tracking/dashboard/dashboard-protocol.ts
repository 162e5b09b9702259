/** @file What the page asks for. */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import type { Protocol } from "../../http/route.ts";
import type { IdentifyUsers } from "../access/identify.ts";
import { errorShape, invalidBody, refuse } from "../tunewise/refuse.ts";
import { sessionRoutes } from "./session-routes.ts";
import { tableRoutes } from "./table-routes.ts";
import { tableShapes } from "./table-shapes.ts";

/** The routes of the page; anybody may use them. */
export function dashboardProtocol(context: TrackingContext, identify: IdentifyUsers): Protocol {
  return {
    ...{ name: "dashboard", refuse, error: errorShape, invalid: invalidBody, isCompressed: true },
    about: "What the page shows: signing in, runs as a table, curves, details, events.",
    shapes: { ...tableShapes, ReadableProject: "number!:int name! role!" },
    routes: [...sessionRoutes(context, identify), ...tableRoutes(context)],
  };
}
