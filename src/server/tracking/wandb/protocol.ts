/**
 * @file Weights & Biases' protocol: GraphQL for what runs and artifacts are, a stream for what they log, signed
 * addresses for files. What GraphQL offers, its own introspection says.
 *
 * @source wandb/wandb core/internal/filestream, core/internal/gql
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { loadPackage } from "../../../problem/index.ts";
import type { ProtocolDocs } from "../openapi/doc.ts";
import type { Protocol } from "../route.ts";
import { callOf } from "./call.ts";
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
          const load = () => import("./graphql.ts");
          const { answerGraphql } = await loadPackage("graphql", "A client of Weights & Biases", load);
          const body = await answerGraphql(await json(), wandbRoots, callOf(desk, caller, links, request));
          return { status: 200, body };
        },
      },
      fileStreamRoute(desk),
      ...fileRoutes(desk, links),
    ],
  };
}

const file = "application/octet-stream";

/** All of W&B's. */
const wandbDocs: ProtocolDocs = {
  about: "The protocol of Weights & Biases' clients.",
  error: { type: "object", properties: { error: { type: "string" }, errors: { type: "array", items: {} } } },
  routes: {
    "POST /graphql": {
      summary: "Runs, projects and artifacts in GraphQL; its schema is had by introspection.",
      reads: "query! variables:object operationName",
      gives: "data:object errors:object[]",
    },
    "POST /files/:entity/:project/:run/file_stream": {
      summary: "What a run logs; the reply says whether it is to stop.",
      reads: "files:object uploaded:text[] complete:bool exitcode:int",
      gives: "exitcode:any limits:object stopped:bool",
    },
    "PUT /wandb-files/:mark/:until/*key": {
      summary:
        "Takes a file, at an address that GraphQL gave out and that is its own permission for a while.",
      bodyType: file,
    },
    "GET /wandb-files/:mark/:until/*key": { summary: "A file, by such an address.", type: file },
  },
};
