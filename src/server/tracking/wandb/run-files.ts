/** @file Files of runs: addresses to send them to and to fetch them from. */
import { findWandbRun, type TrackedRun } from "../../../track/index.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, fieldsOf, nameOf, textsOf } from "./fields.ts";
import { runFileKey } from "./file-links.ts";
import { idOf } from "./ids.ts";
import { placeIn } from "./project-place.ts";
import { WandbRefusal } from "./refuse.ts";

/** Files of one request. */
const filesMost = 10_000;

/** A run's file; one whose name may not be one has no addresses, and its client says so and leaves it out. */
export async function runFile(
  call: WandbCall,
  { number, project }: Pick<TrackedRun, "number" | "project">,
  name: string,
): Promise<Fields> {
  const key = runFileKey(number, name);
  if (key === null) return { name, displayName: name, uploadHeaders: [] };
  const bytes = await call.desk.artifacts.size(key);
  return {
    id: Buffer.from(`File:${number}:${name}`).toString("base64"),
    name,
    displayName: name,
    uploadHeaders: [],
    uploadUrl: () => call.link("put", key, project),
    directUrl: () => (bytes === null ? null : call.link("get", key, project)),
    url: ({ upload }: Fields) => call.link(upload === true ? "put" : "get", key, project),
    sizeBytes: bytes ?? 0,
  };
}

/** Gives addresses for files to come. */
export async function createRunFiles({ input }: Fields, call: WandbCall): Promise<Fields> {
  const fields = fieldsOf(input);
  const run = await findWandbRun(call.desk.database, {
    ...placeIn(fields),
    name: nameOf(fields["runName"], "run"),
  });
  if (!run) throw new WandbRefusal("There is no such run.");
  const names = textsOf(fields["files"]);
  if (names.length > filesMost) throw new WandbRefusal(`At most ${filesMost} files at once.`);
  const files: Fields[] = [];
  for (const name of names) files.push(await runFile(call, run.run, name));
  return { runID: idOf("Run", run.run.number), uploadHeaders: [], files };
}
