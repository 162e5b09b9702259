/** @file Non-numeric data that a W&B client logged at steps: images, audio and tables. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { LoggedTable } from "./logged-table.tsx";

/** Maximum rows searched for media. */
const maxRows = 2_000;
/** Maximum nesting depth of media within a row. */
const maxDepth = 3;

/** A file logged under a key at a step. */
interface Logged {
  readonly key: string;
  readonly step: number;
  readonly type: string;
  readonly path: string;
}

/** Media by key, each with a step slider. Renders nothing if there are none. */
export function Media({ run, link }: { readonly run: Details; readonly link: (path: string) => string }) {
  const logged = useSignal<readonly Logged[]>([]);
  useEffect(() => {
    if (run.client !== "wandb") return;
    ask("get", "/api/tunewise/v1/runs/{id}/rows", {
      params: { id: run.id },
      query: { limit: String(maxRows) },
    })
      .then(({ rows }) => {
        logged.value = rows.flatMap(({ step, content }) => mediaIn(jsonOf(content.text), "", step, 0));
      })
      .catch(() => undefined); // Ignored: the list of files still works.
  }, [run.id, run.seen_ms]);
  const keys = [...new Set(logged.value.map(({ key }) => key))];
  if (keys.length === 0) return null;
  return (
    <div class="grid">
      {keys.map((key) => (
        <Medium
          key={key}
          run={run.id}
          name={key}
          all={logged.value.filter((one) => one.key === key)}
          link={link}
        />
      ))}
    </div>
  );
}

function Medium({
  run,
  name,
  all,
  link,
}: {
  readonly run: string;
  readonly name: string;
  readonly all: readonly Logged[];
  readonly link: (path: string) => string;
}) {
  const chosen = useSignal<number | null>(null);
  const at = Math.min(chosen.value ?? all.length - 1, all.length - 1);
  const one = all[at];
  if (!one) return null;
  const { type, path, step } = one;
  return (
    <figure class={`card ${type === "table-file" ? "wide" : ""}`}>
      <div class="row">
        <h2>{name}</h2>
        {all.length > 1 && (
          <input
            type="range"
            aria-label={`Step of ${name}`}
            min="0"
            max={all.length - 1}
            value={at}
            onInput={(event) => (chosen.value = Number(event.currentTarget.value))}
          />
        )}
        <span class="quiet">step {step}</span>
      </div>
      {type === "image-file" && <img class="logged" src={link(path)} alt={`${name} at step ${step}`} />}
      {type === "audio-file" && (
        // biome-ignore lint/a11y/useMediaCaption: logged audio has no captions
        <audio controls preload="none" src={link(path)} />
      )}
      {/table/.test(type) ? (
        <LoggedTable run={run} path={path} />
      ) : (
        <a href={link(path)} download>
          {path}
        </a>
      )}
    </figure>
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Truncated, or contains numbers that JSON cannot represent.
  }
}

function mediaIn(value: unknown, key: string, step: number, depth: number): Logged[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const { _type: type, path } = value as { readonly _type?: unknown; readonly path?: unknown };
  if (typeof type === "string" && typeof path === "string") return [{ key, step, type, path }];
  if (depth >= maxDepth) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    mediaIn(item, key === "" ? name : `${key}.${name}`, step, depth + 1),
  );
}
