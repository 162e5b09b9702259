/** @file Routes of the page: curves, what changed, and one run in full. */
import type { DashboardContext } from "../../../app/dashboard/index.ts";
import type { TrackingContext } from "../../../app/tracking/index.ts";
import type { Protocol } from "../../http/route.ts";
import { tunewiseProtocol } from "../tunewise/protocol.ts";
import { changeRoutes } from "./change-routes.ts";
import { curveRoutes, curveShapes } from "./curve-routes.ts";
import { runRoutes } from "./run-routes.ts";
import { runShapes } from "./run-shapes.ts";

/**
 * The page's protocol; what went wrong is worded as in tunewise's own.
 *
 * @param output absolute path of the output folder whose runs the store records; `null`: they are elsewhere
 */
export function dashboardProtocol(context: TrackingContext, output: string | null): Protocol {
  const own: DashboardContext = { ...context, output };
  const { refuse, invalid, error } = tunewiseProtocol(context);
  return {
    ...{ name: "dashboard", refuse, invalid, error, shapes: { ...curveShapes, ...runShapes } },
    about: "What the page shows: curves of many runs, what changed, and one run in full.",
    routes: [...curveRoutes(context), ...runRoutes(own), ...changeRoutes(context)],
  };
}
