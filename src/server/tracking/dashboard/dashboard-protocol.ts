/** @file What the page asks for. */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { type Protocol, Refusal } from "../../http/route.ts";
import type { IdentifyUsers } from "../access/identify.ts";
import { errorShape, refuse } from "../tunewise/refuse.ts";
import { sessionRoutes } from "./session-routes.ts";

/** The routes of the page; anybody may use them. */
export function dashboardProtocol(context: TrackingContext, identify: IdentifyUsers): Protocol {
  return {
    ...{ name: "dashboard", refuse, error: errorShape, shapes, isStrict: true, isCompressed: true },
    about: "What the page shows: runs as a table, curves, details, events.",
    invalid: ({ path, message }) =>
      new Refusal(400, "invalid_body", `${path.join(".") || "body"}: ${message}`),
    routes: [...sessionRoutes(context, identify)],
  };
}

const shapes = { ReadableProject: "number!:int name! role!" };
