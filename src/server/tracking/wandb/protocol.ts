/**
 * @file Weights & Biases' protocol: GraphQL for what runs and artifacts are, a stream for what they log, signed
 * addresses for files.
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import type { Protocol } from "../route.ts";
import { callOf } from "./call.ts";
import { wandbDocs } from "./docs.ts";
import { createFileLinks } from "./file-links.ts";
import { fileRoutes } from "./file-routes.ts";
import { fileStreamRoute } from "./file-stream.ts";
import { refuse } from "./refuse.ts";
import { wandbRoots } from "./roots.ts";

/** A configuration may hold whole files, and a request for addresses thousands of names. */
const graphqlBytesMost = 16 * 1024 * 1024;

/** The protocol over a desk. */
export function wandbProtocol(desk: TrackingContext): Protocol {
  const links = createFileLinks(desk);
  return {
    name: "wandb",
    docs: wandbDocs,
    refuse,
    routes: [
      {
        method: "POST",
        path: "/graphql",
        // Questions are read, changes write: each root field says what it takes.
        policy: "read",
        about: "parts",
        bodyBytesMost: graphqlBytesMost,
        handle: async ({ request, caller, json }) => {
          // Loaded with the first question: a sixth of the time that the server takes to start.
          const { answerGraphql } = await import("./graphql.ts");
          const body = await answerGraphql(await json(), wandbRoots, callOf(desk, caller, links, request));
          return { status: 200, body };
        },
      },
      fileStreamRoute(desk),
      ...fileRoutes(desk, links),
    ],
  };
}
