/**
 * @file Files of runs and logged models from a tracking server, which reads them from wherever they lie.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, get_artifact_handler, _list_artifacts
 */
import type { Damage, FileOwner, MovedFile } from "../history.ts";
import { type Loose, looseList, textIn, textOrNull, wholeIn } from "../read-row.ts";
import type { Rest } from "./rest.ts";

/** Folders in folders, at most. */
const depthMost = 64;

/** All files of an owner. */
export async function* serverFiles(rest: Rest, owner: FileOwner): AsyncGenerator<MovedFile | Damage> {
  yield* below(rest, owner, "", 0);
}

async function* below(
  rest: Rest,
  owner: FileOwner,
  folder: string,
  depth: number,
): AsyncGenerator<MovedFile | Damage> {
  const isRun = owner.of === "run";
  const path = isRun
    ? "/api/2.0/mlflow/artifacts/list"
    : `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(owner.id)}/artifacts/directories`;
  const about = isRun ? { run_id: owner.id } : {};
  const where = folder === "" ? {} : { [isRun ? "path" : "artifact_directory_path"]: folder };
  for (let token = ""; ; ) {
    const answer: Loose | null = await rest.ask("GET", path, {
      ...about,
      ...where,
      ...(token === "" ? {} : { page_token: token }),
    });
    for (const entry of looseList(answer?.["files"])) {
      const name = textIn(entry, "path");
      if (entry["is_dir"] === true) {
        if (depth < depthMost && name.startsWith(folder) && name !== folder)
          yield* below(rest, owner, name, depth + 1);
      } else yield fileOf(rest, owner, name, wholeIn(entry, "file_size") ?? 0);
    }
    const next = textOrNull(answer ?? {}, "next_page_token");
    if (next === null || next === token) return;
    token = next;
  }
}

function fileOf(rest: Rest, { of, id }: FileOwner, path: string, bytes: number): MovedFile {
  return {
    path,
    bytes,
    open: async () => {
      const content =
        of === "run"
          ? await rest.download("/get-artifact", { run_uuid: id, path })
          : await rest.download(
              `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(id)}/artifacts/files`,
              { artifact_file_path: path },
            );
      if (content === null) throw new Error(`the server does not give the file ${path}`);
      return content;
    },
  };
}
