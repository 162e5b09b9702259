/**
 * @file The route `file_stream`, to which a run's client logs every few seconds, and which tells it to stop.
 *
 * @source wandb/wandb core/internal/filestream
 */

import { z } from "zod";
import { type Call, fieldsRoute, HttpError, type Reply, type Route } from "../../http/index.ts";
import {
  endClientRun,
  findWandbRun,
  type Lines,
  type StreamPart,
  type TrackingContext,
  type WandbPath,
  writeStream,
} from "../../index.ts";
import { countOf, nameOf, textOf, textsOf } from "./fields.ts";
import { wandbRefusal } from "./refuse.ts";

/** Maximum body size. Clients send up to 10 MiB of lines at once, each as JSON inside JSON. */
const maxBytes = 64 * 1024 * 1024;
/** Maximum lines of a run; larger offsets are invalid. */
const maxLines = 1_000_000_000;

const lines = z
  .looseObject({})
  .catch({})
  .transform(({ offset, content }) => linesOf(offset, content))
  .optional();

const streamFields = z
  .object({
    files: z
      .object({
        "wandb-summary.json": lines,
        "wandb-history.jsonl": lines,
        "wandb-events.jsonl": lines,
        "output.log": lines,
      })
      .optional()
      .catch(undefined),
    uploaded: z.array(z.string()).optional().catch(undefined),
    complete: z.boolean().optional().catch(undefined),
    exitcode: z.int().optional().catch(undefined),
  })
  .catch({})
  .transform(
    ({ files, complete, exitcode }): StreamPart => ({
      history: files?.["wandb-history.jsonl"] ?? null,
      events: files?.["wandb-events.jsonl"] ?? null,
      console: files?.["output.log"] ?? null,
      summary: textOf(files?.["wandb-summary.json"]?.content.at(-1)),
      exitCode: complete === true ? (exitcode ?? 0) : null,
    }),
  );

function linesOf(offset: unknown, content: unknown): Lines | null {
  const first = countOf(offset ?? 0);
  if (content === undefined) return null;
  const texts = textsOf(content);
  if (first === null || first > maxLines || !Array.isArray(content) || texts.length !== content.length) {
    throw wandbRefusal("Lines come as an offset and a list of texts.");
  }
  return texts.length === 0 ? null : { offset: first, content: texts };
}

/** The route. */
export function fileStreamRoute(context: TrackingContext): Route {
  return fieldsRoute({
    method: "POST",
    path: "/files/:entity/:project/:run/file_stream",
    policy: "write",
    maxBodyBytes: maxBytes,
    reads: streamFields,
    summary: "Log data of a run. The response says whether the run must stop.",
    gives: "exitcode:any limits:object stopped:bool",
    about: {
      all: async (_, call) => {
        const found = await findWandbRun(context.database, pathOf(call));
        if (!found) throw noSuchRun();
        return [{ project: found.run.project }];
      },
    },
    handle: (part, call) => take(context, pathOf(call), { ...part, isShared: isShared(call) }),
  });
}

function pathOf({ params }: Call): WandbPath {
  return {
    entity: nameOf(params["entity"], "entity"),
    project: nameOf(params["project"], "project"),
    name: nameOf(params["run"], "run"),
  };
}

/** Whether several clients write the run (`mode="shared"`), each knowing only its own values. */
function isShared({ request }: Call): boolean {
  return request.headers["x-wandb-use-async-filestream"] === "true";
}

function noSuchRun(): HttpError {
  return new HttpError(404, "no_such_run", "There is no such run.");
}

async function take(context: TrackingContext, path: WandbPath, part: StreamPart): Promise<Reply> {
  const isToStop = await context.write(async (transaction) => {
    const found = await findWandbRun(transaction, path);
    if (!found) throw noSuchRun();
    const { stage, id, number, stopMs } = found.run;
    if (stage === "deleted") throw wandbRefusal(`Run ${id} is deleted and accepts no more data.`);
    await writeStream(transaction, number, part, context.now());
    // writeStream has recorded status and end
    if (part.exitCode !== null) await endClientRun(transaction, number, {}, context);
    return stopMs !== null;
  });
  return { status: 200, body: { exitcode: null, limits: {}, ...(isToStop ? { stopped: true } : {}) } };
}
