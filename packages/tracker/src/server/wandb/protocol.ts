/**
 * @file Weights & Biases' protocol: GraphQL for runs and artifacts, a stream for logged data, signed addresses for
 * files. GraphQL introspection describes the supported schema.
 *
 * @source wandb/wandb core/internal/filestream, core/internal/gql
 */

import { z } from "zod";
import { fieldsRoute, type Protocol } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { loadPackage } from "../../problem/index.ts";
import { callOf } from "./call.ts";
import { createFileLinks } from "./file-links.ts";
import { fileRoutes } from "./file-routes.ts";
import { fileStreamRoute } from "./file-stream.ts";
import { refuse, wandbRefusal } from "./refuse.ts";
import { wandbRoots } from "./roots.ts";
import { runFields } from "./run-fields.ts";

/** Maximum body size: a configuration may contain complete files, and a request for addresses thousands of names. */
const maxGraphqlBytes = 16 * 1024 * 1024;

/** A query that is not text counts as empty, which GraphQL then refuses. */
const graphqlFields = z
  .object({
    query: z.string().catch(""),
    variables: z.looseObject({}).optional().catch({}),
    operationName: z.string().nullish().catch(null),
  })
  .catch({ query: "" });

/** Creates W&B's protocol. */
export function wandbProtocol(context: TrackingContext): Protocol {
  const links = createFileLinks(context);
  return {
    name: "wandb",
    about: "Protocol of Weights & Biases clients.",
    refuse,
    error: {
      type: "object",
      properties: { error: { type: "string" }, errors: { type: "array", items: {} } },
    },
    invalid: ({ message }) => wandbRefusal(message),
    routes: [
      fieldsRoute({
        // queries read and mutations write, so each root field has its own policy
        method: "POST",
        path: "/graphql",
        policy: "read",
        about: "parts",
        reads: graphqlFields,
        summary:
          "Query and change runs, projects and artifacts with GraphQL. The schema is available by introspection.",
        gives: "data:object errors:object[]",
        maxBodyBytes: maxGraphqlBytes,
        handle: async (fields, { request, caller }) => {
          // loaded with the first query, since loading takes a sixth of the server's start-up time
          const load = () => import("./graphql.ts");
          const { answerGraphql } = await loadPackage("graphql", "A client of Weights & Biases", load);
          const call = callOf(context, caller, links, request, runFields);
          return { status: 200, body: await answerGraphql(fields, wandbRoots, call) };
        },
      }),
      fileStreamRoute(context),
      ...fileRoutes(context, links),
    ],
  };
}
