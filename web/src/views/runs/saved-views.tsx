/** @file Saved views (filter, order, columns, groups and baseline), shared in a project or private. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import { afterFirstRows } from "../../data/first-rows.ts";
import { go, linkTo, location } from "../../location.ts";

const kept = ["projects", "filter", "order", "columns", "group", "baseline"];

/** Selects a saved view, and saves the current one. */
export function SavedViews() {
  const views = useSignal<readonly { readonly name: string; readonly state: unknown }[]>([]);
  const isSaving = useSignal(false);
  const failure = useSignal<Error | null>(null);
  const load = (): void => {
    ask("get", "/api/tunewise/v1/views")
      .then((found) => {
        views.value = found.views;
      })
      .catch(() => undefined);
  };
  useEffect(() => void afterFirstRows().then(load), []);
  const save = async (name: string): Promise<void> => {
    const { fields } = location.value;
    const state = Object.fromEntries(
      kept.flatMap((key) => (fields.has(key) ? [[key, fields.get(key) ?? ""]] : [])),
    );
    try {
      await ask("put", "/api/tunewise/v1/views/{name}", { params: { name }, body: { state } });
      isSaving.value = false;
      failure.value = null;
      load();
    } catch (error) {
      failure.value = error as Error;
    }
  };
  return (
    <>
      <select
        aria-label="Saved views"
        value=""
        onChange={({ currentTarget: { value } }) => {
          if (value === "+") isSaving.value = true;
          const found = views.value.find(({ name }) => name === value.slice(1));
          if (found) go(linkTo(location.value.path, found.state as Record<string, string>));
        }}
      >
        <option value="">Views</option>
        {views.value.map(({ name }) => (
          <option key={name} value={`=${name}`}>
            {name}
          </option>
        ))}
        <option value="+">Save this view…</option>
      </select>
      {isSaving.value && (
        <Dialog title="Save this view" onClose={() => (isSaving.value = false)}>
          <form
            class="column"
            onSubmit={(event) => {
              event.preventDefault();
              void save(String(new FormData(event.currentTarget).get("name")).trim());
            }}
          >
            <label>
              Name <input name="name" required maxLength={100} />
            </label>
            <Failure error={failure.value} />
            <button type="submit" class="primary">
              Save
            </button>
          </form>
        </Dialog>
      )}
    </>
  );
}
