/** @file Selects and orders columns, with a search among thousands. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Dialog } from "../../components/dialog.tsx";
import { ask } from "../../data/api.ts";
import { columnTitle, keyOf, usualColumns } from "../../data/columns.ts";
import { changeFields } from "../../location.ts";
import { chooseColumns, chosenColumns } from "./query.ts";

const attributes = [
  ...usualColumns,
  "attributes.end_time",
  "attributes.client",
  "attributes.project",
  "attributes.purpose",
  "attributes.run_id",
];
/** Columns listed; others are found by searching. */
const maxOffered = 100;

/** A dialog with the available columns. */
export function ColumnsDialog({
  projects,
  onClose,
}: {
  readonly projects: string;
  readonly onClose: () => void;
}) {
  const search = useSignal("");
  const offered = useSignal<readonly { readonly name: string; readonly runs: number }[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    const query = {
      search: search.value,
      limit: String(maxOffered),
      ...(projects === "" ? {} : { projects }),
    };
    ask("get", "/api/tunewise/v1/runs/columns", { query, signal: controller.signal })
      .then(({ columns }) => {
        offered.value = columns.filter(({ name }) => !name.startsWith("attributes."));
      })
      .catch(() => undefined);
    return () => controller.abort();
  }, [search.value, projects]);
  const columns = chosenColumns();
  const toggle = (name: string): void =>
    chooseColumns(columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name]);
  const own = attributes.filter((name) => columnTitle(name).includes(search.value.toLowerCase()));
  const choice = (name: string, title: string, runs: number | null) => (
    <li key={name}>
      <label>
        <input type="checkbox" checked={columns.includes(name)} onChange={() => toggle(name)} /> {title}
      </label>
      {runs !== null && <span class="quiet">{runs.toLocaleString("en-US")} runs</span>}
    </li>
  );
  return (
    <Dialog title="Columns" onClose={onClose}>
      <Chosen columns={columns} onToggle={toggle} />
      <label>
        <span class="hidden">Search columns</span>
        <input
          type="search"
          placeholder="Search columns"
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </label>
      <ul class="offered">
        {own.map((name) => choice(name, columnTitle(name), null))}
        {offered.value.flatMap(({ name, runs }) => [
          choice(name, name, runs),
          ...(name.startsWith("metrics.")
            ? [choice(`curve.${keyOf(name)}`, `${keyOf(name)} as a curve`, null)]
            : []),
        ])}
      </ul>
      <button
        type="button"
        class="plain"
        onClick={() => {
          window.localStorage.removeItem("tunewise.columns");
          changeFields({ columns: "" }, false);
        }}
      >
        Back to the usual columns
      </button>
    </Dialog>
  );
}

/** The selected columns, in order. */
function Chosen({
  columns,
  onToggle,
}: {
  readonly columns: readonly string[];
  readonly onToggle: (name: string) => void;
}) {
  return (
    <ul class="chosen" aria-label="Shown columns">
      {columns.map((name, at) => (
        <li key={name}>
          <button
            type="button"
            disabled={at === 0}
            aria-label={`Move ${columnTitle(name)} to the left`}
            onClick={() => chooseColumns(moved(columns, at, -1))}
          >
            ←
          </button>
          {columnTitle(name)}
          <button type="button" aria-label={`Remove ${columnTitle(name)}`} onClick={() => onToggle(name)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A list with one item moved. */
export function moved<Item>(list: readonly Item[], at: number, by: number): readonly Item[] {
  const next = [...list];
  const [item] = next.splice(at, 1);
  if (item !== undefined) next.splice(Math.min(Math.max(0, at + by), next.length), 0, item);
  return next;
}
