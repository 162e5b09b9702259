/**
 * @file What is said about W&B's routes. What GraphQL offers, its own introspection says.
 *
 * @source wandb/wandb core/internal/filestream, core/internal/gql
 */
import type { ProtocolDocs } from "../openapi/doc.ts";

const file = "application/octet-stream";

/** All of W&B's. */
export const wandbDocs: ProtocolDocs = {
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
