/**
 * @file `file_stream`: what a run's client sends every few seconds, and where it learns that it is to stop.
 *
 * @source wandb/wandb core/internal/filestream
 */
import { settleRun, type TrackingContext } from "../../../app/tracking/index.ts";
import {
  endWork,
  findWandbRun,
  type Lines,
  type StreamPart,
  type WandbPath,
  writeStream,
} from "../../../track/index.ts";
import { type Call, Refused, type Reply, type Route, type Subject } from "../route.ts";
import { countOf, type Fields, fieldsOf, nameOf, textOf, textsOf } from "./fields.ts";
import { WandbRefusal } from "./refuse.ts";

/** Clients send up to 10 MiB of lines at once, each of them as JSON inside of JSON. */
const bytesMost = 64 * 1024 * 1024;
/** Lines that a run can have: beyond it an offset is no count. */
const linesMost = 1_000_000_000;

/** The route. */
export function fileStreamRoute(desk: TrackingContext): Route {
  return {
    method: "POST",
    path: "/files/:entity/:project/:run/file_stream",
    policy: "write",
    about: { all: (call) => subjectsOf(desk, call) },
    bodyBytesMost: bytesMost,
    handle: (call) => take(desk, call),
  };
}

function pathOf({ words }: Pick<Call, "words">): WandbPath {
  return {
    entity: nameOf(words["entity"], "entity"),
    project: nameOf(words["project"], "project"),
    name: nameOf(words["run"], "run"),
  };
}

async function subjectsOf(desk: TrackingContext, call: Call): Promise<Subject[]> {
  const found = await findWandbRun(desk.database, pathOf(call));
  if (!found) throw new Refused(404, "no_such_run", "There is no such run.");
  return [{ project: found.run.project }];
}

async function take(desk: TrackingContext, { words, json }: Call): Promise<Reply> {
  const path = pathOf({ words });
  const part = partOf(fieldsOf(await json()));
  const isToStop = await desk.write(async (transaction) => {
    const found = await findWandbRun(transaction, path);
    if (!found) throw new Refused(404, "no_such_run", "There is no such run.");
    if (found.run.stage === "deleted")
      throw new WandbRefusal(`Run ${found.run.id} is deleted and takes nothing more.`);
    await writeStream(transaction, found.run.number, part, desk.now());
    if (part.exitCode !== null) {
      await endWork(transaction, found.run.number);
      await settleRun(transaction, found.run.number, desk);
    }
    return found.run.stopMs !== null;
  });
  return { status: 200, body: { exitcode: null, limits: {}, ...(isToStop ? { stopped: true } : {}) } };
}

function partOf(body: Fields): StreamPart {
  const files = fieldsOf(body["files"]);
  const summary = linesOf(files["wandb-summary.json"])?.content.at(-1);
  return {
    history: linesOf(files["wandb-history.jsonl"]),
    events: linesOf(files["wandb-events.jsonl"]),
    console: linesOf(files["output.log"]),
    summary: textOf(summary),
    exitCode: body["complete"] === true ? (exitCodeOf(body["exitcode"]) ?? 0) : null,
  };
}

function exitCodeOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}

function linesOf(value: unknown): Lines | null {
  const { offset, content } = fieldsOf(value);
  const first = countOf(offset ?? 0);
  if (content === undefined) return null;
  const texts = textsOf(content);
  if (first === null || first > linesMost || !Array.isArray(content) || texts.length !== content.length) {
    throw new WandbRefusal("Lines come as an offset and a list of texts.");
  }
  return texts.length === 0 ? null : { offset: first, content: texts };
}
