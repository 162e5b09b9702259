/** @file Files of a run: images and audio are shown, and all files can be downloaded. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Failure } from "../../components/failure.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { bytesText, countText } from "../../format.ts";
import { LoggedTable } from "./logged-table.tsx";
import { Media } from "./media.tsx";

type Listed = Reply<"/api/tunewise/v1/runs/{id}/files", "get">;

/** Maximum images, and maximum audio files, loaded at once. */
const shownPictures = 24;

/** The files of a run. */
export function Files({ run }: { readonly run: Details }) {
  const list = useSignal<Listed | null>(null);
  const failure = useSignal<Error | null>(null);
  const search = useSignal("");
  const opened = useSignal("");
  useEffect(() => {
    ask("get", "/api/tunewise/v1/runs/{id}/files", { params: { id: run.id } })
      .then((found) => {
        list.value = found;
      })
      .catch((error: Error) => {
        failure.value = error;
      });
  }, [run.id]);
  const { value } = list;
  if (value === null) return <Failure error={failure.value} />;
  const found = value.items.filter(({ path }) => path.toLowerCase().includes(search.value.toLowerCase()));
  const link = (path: string): string =>
    `/api/tunewise/v1/runs/${encodeURIComponent(run.id)}/file?${new URLSearchParams({ path })}`;
  const pictures = found.filter(({ kind }) => kind === "image").slice(0, shownPictures);
  const sounds = found.filter(({ kind }) => kind === "audio").slice(0, shownPictures);
  return (
    <section class="column" aria-label="Files">
      <div class="row">
        <span>{countText(value.total, "file")}</span>
        <input
          type="search"
          placeholder="Search files"
          aria-label="Search files"
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </div>
      {value.elsewhere !== null && <p class="quiet">Its files lie elsewhere: {value.elsewhere}</p>}
      <Media run={run} link={link} />
      <div class="row pictures">
        {pictures.map(({ path }) => (
          <figure key={path}>
            <img src={link(path)} alt={path} loading="lazy" />
            <figcaption class="quiet">{path}</figcaption>
          </figure>
        ))}
        {sounds.map(({ path }) => (
          <figure key={path}>
            {/* biome-ignore lint/a11y/useMediaCaption: logged audio has no captions */}
            <audio controls preload="none" src={link(path)} />
            <figcaption class="quiet">{path}</figcaption>
          </figure>
        ))}
      </div>
      {opened.value !== "" && <LoggedTable run={run.id} path={opened.value} />}
      <FileTable files={found} link={link} onOpen={(path) => (opened.value = path)} />
    </section>
  );
}

function FileTable({
  files,
  link,
  onOpen,
}: {
  readonly files: Listed["items"];
  readonly link: (path: string) => string;
  readonly onOpen: (path: string) => void;
}) {
  return (
    <div class="scrolls tall">
      <table>
        <thead>
          <tr>
            <th>file</th>
            <th>kind</th>
            <th class="number">size</th>
          </tr>
        </thead>
        <tbody>
          {files.slice(0, 2_000).map(({ path, kind, bytes }) => (
            <tr key={path}>
              <td>
                <a href={link(path)} download>
                  {path}
                </a>{" "}
                {/table\.json$/.test(path) && (
                  <button type="button" class="plain" onClick={() => onOpen(path)}>
                    Show<span class="hidden"> {path}</span>
                  </button>
                )}
              </td>
              <td>{kind}</td>
              <td class="number">{bytesText(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
