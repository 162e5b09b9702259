/**
 * @file Clients' files of an archive into an empty place.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { names, partBytesMost } from "./manifest.ts";
import {
  type ArchiveFile,
  checkList,
  chunksIn,
  contentOf,
  entriesOf,
  keyIn,
  type ListedFile,
} from "./verify-archive.ts";
import type { Watch } from "./watch.ts";

/** Files on their way into a place. */
export interface FilePuts {
  /** @throws {NotAnArchive} where a file is not what its list says */
  work(): Promise<void>;
  /** Takes away what was put: the place was empty before. */
  undo(): Promise<void>;
}

/** Files of a checked archive; they are compared with their lists once more as they are put. */
export function unpackFiles(
  archive: ArchiveFile,
  artifacts: ArtifactStore,
  { signal, onProgress }: Watch,
): FilePuts {
  const roots = new Set<string>();
  const work = async (): Promise<void> => {
    let [files, count] = [[] as ListedFile[], 0];
    for await (const entry of entriesOf(archive, 0)) {
      signal.throwIfAborted();
      const { name, bytes } = entry;
      if (name.startsWith(names.files)) {
        const key = keyIn(name);
        roots.add(key.split("/")[0] ?? "");
        const hash = createHash("sha256");
        const hashed = async function* (): AsyncGenerator<Buffer> {
          for await (const chunk of chunksIn(archive, entry)) {
            signal.throwIfAborted();
            hash.update(chunk);
            yield chunk;
          }
        };
        await artifacts.put(key, Readable.from(hashed(), { objectMode: false }));
        files.push({ key, bytes, sha256: hash.digest("hex") });
        onProgress?.({ doing: "files", name: "", count: ++count });
      } else if (files.length > 0) {
        await checkList(name, await contentOf(archive, entry, partBytesMost), files);
        files = [];
      }
    }
  };
  return {
    work,
    undo: async () => {
      for (const root of roots) await artifacts.remove(root).catch(() => false);
    },
  };
}
