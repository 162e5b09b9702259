/** @file Files of a run as fields of W&B's schema, and mutations that create and delete them. */
import { listWandbFiles, type TrackedRun, touchRun } from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { completeList, connection, type Fields, idOf, pageOf, partsOf, textOf, textsOf } from "./fields.ts";
import { runFileKey } from "./file-links.ts";
import { runOf, runOfId } from "./find.ts";
import { keptList } from "./kept-lists.ts";
import { isLike } from "./like.ts";
import { wandbMissing, wandbRefusal } from "./refuse.ts";

/** Maximum names of a query. */
const maxNames = 1_000;
/** Maximum files of a request. */
const maxNewFiles = 10_000;
/** Maximum files of a page. */
const maxPage = 1_000;
/** Maximum files of a run that are listed. */
const maxListed = 100_000;

type FileOwner = Pick<TrackedRun, "number" | "project">;

interface RunFile {
  readonly name: string;
  readonly bytes: number;
}

/** Returns the named files, whether or not they exist; without names, the existing ones. */
export async function runFiles(call: WandbCall, run: FileOwner, args: Fields): Promise<Fields> {
  const names = textsOf(args["names"]);
  if (names.length > 0) {
    const some = names.slice(0, maxNames);
    return completeList(await Promise.all(some.map((name) => namedFile(call, run, name))));
  }
  const { limit, after } = pageOf(args, maxPage);
  const pattern = textOf(args["pattern"]);
  const all = await listRunFiles(call, run, after !== null);
  const fitting = pattern === null ? all : all.filter(({ name }) => isLike(name, pattern));
  const last = after === null ? null : Buffer.from(after, "base64").toString("utf8");
  const rest = last === null ? fitting : fitting.filter(({ name }) => name > last);
  const edges = rest.slice(0, limit).map(({ name, bytes }) => ({
    node: fileFields(call, run, name, bytes),
    cursor: Buffer.from(name).toString("base64"),
  }));
  return connection(edges, rest.length > limit, { totalCount: fitting.length, uploadHeaders: [] });
}

/** Counts a run's files. */
export async function countRunFiles(call: WandbCall, run: FileOwner): Promise<number> {
  return (await listRunFiles(call, run, false)).length;
}

function listRunFiles(call: WandbCall, run: FileOwner, goesOn: boolean): Promise<readonly RunFile[]> {
  const { artifacts, now } = call.context;
  const key = JSON.stringify(["files", run.number]);
  return keptList(artifacts, key, { goesOn, nowMs: now() }, async () => {
    const files: RunFile[] = [];
    for await (const { path: name, bytes } of listWandbFiles(artifacts, run.number)) {
      if (files.length >= maxListed)
        throw wandbRefusal(`The run has more than ${maxListed} files: ask for them by name.`);
      files.push({ name, bytes });
    }
    return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  });
}

/** Fields of a run's file. One with an invalid name has no addresses, so its client reports and skips it. */
async function namedFile(call: WandbCall, run: FileOwner, name: string): Promise<Fields> {
  const key = runFileKey(run.number, name);
  if (key === null) return { name, displayName: name, uploadHeaders: [], md5: noFile };
  return fileFields(call, run, name, await call.context.artifacts.size(key));
}

/** The digest of a missing file. @source wandb/wandb wandb/sdk/wandb_run.py, restore */
const noFile = "0";

/** @param bytes `null` for a missing file */
function fileFields(
  call: WandbCall,
  { number, project }: FileOwner,
  name: string,
  bytes: number | null,
): Fields {
  const key = runFileKey(number, name);
  if (key === null) throw new Error("Internal: a file that is there has a name that none may have");
  return {
    id: idOf("File", number, name),
    name,
    displayName: name,
    uploadHeaders: [],
    uploadUrl: () => call.link("put", key, project),
    directUrl: () => (bytes === null ? null : call.link("get", key, project)),
    url: ({ upload }: Fields) => call.link(upload === true ? "put" : "get", key, project),
    sizeBytes: bytes ?? 0,
    storagePath: key,
    mimetype: mediaTypes[/\.(\w{1,6})$/.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream",
    md5: bytes === null ? noFile : null,
  };
}

const mediaTypes: Readonly<Record<string, string>> = {
  csv: "text/csv",
  gif: "image/gif",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  log: "text/plain",
  md: "text/markdown",
  mp4: "video/mp4",
  png: "image/png",
  py: "text/x-python",
  svg: "image/svg+xml",
  txt: "text/plain",
  wav: "audio/wav",
  yaml: "text/yaml",
};

/** Returns upload addresses for new files. */
export async function createRunFiles(fields: Fields, call: WandbCall): Promise<Fields> {
  const run = await runOf(call.context.database, fields);
  const names = textsOf(fields["files"]);
  if (names.length > maxNewFiles) throw wandbRefusal(`At most ${maxNewFiles} files at once.`);
  const files: Fields[] = [];
  for (const name of names) files.push(await namedFile(call, run.run, name));
  return { runID: idOf("Run", run.run.number), uploadHeaders: [], files };
}

/** Removes files by their ids. */
export async function deleteFiles(fields: Fields, call: WandbCall): Promise<Fields> {
  const { context } = call;
  for (const id of fileIdsIn(fields)) {
    const { run, name } = fileOfId(id);
    const found = await runOfId(context.database, run);
    const key = runFileKey(found.run.number, name);
    if (key !== null) await context.artifacts.remove(key);
    await context.write((transaction) => touchRun(transaction, found.run.number, context.now()));
  }
  return { success: true };
}

/** Ids in a request to delete files. @throws {HttpError} for too many */
export function fileIdsIn(fields: Fields): readonly string[] {
  const ids = textsOf(fields["files"]);
  if (ids.length > maxNames) throw wandbRefusal(`At most ${maxNames} files at once.`);
  return ids;
}

/** The run and the name in a file's id. @throws {HttpError} for an invalid id */
export function fileOfId(id: string): { readonly run: string; readonly name: string } {
  const [kind, run = "", ...name] = partsOf(id);
  if (kind !== "File" || !/^\d{1,15}$/.test(run) || name.length === 0)
    throw wandbMissing("There is no such file.");
  return { run: idOf("Run", run), name: name.join(":") };
}
