/** @file The table of runs: filtered, sorted, grouped, with a baseline; for any number of runs. */
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { DataTable, type TableColumn } from "../../components/data-table.tsx";
import { Failure } from "../../components/failure.tsx";
import { Sparkline } from "../../components/sparkline.tsx";
import { onChanges } from "../../data/changes.ts";
import { type Cell, cellText, cellTitle, columnTitle, isNumeric } from "../../data/columns.ts";
import { afterFirstRows } from "../../data/first-rows.ts";
import { me } from "../../data/me.ts";
import { statusText } from "../../data/run-liveness.ts";
import { looksOf, type RunLook, swatchOf } from "../../data/run-looks.ts";
import { type RunRow, RunsPages } from "../../data/runs-pages.ts";
import { countText, differenceText } from "../../format.ts";
import { changeFields, go, linkTo, location } from "../../location.ts";
import { Actions } from "./actions.tsx";
import { ColumnsDialog, moved } from "./columns-dialog.tsx";
import { FilterField } from "./filter-field.tsx";
import { GroupTable } from "./groups.tsx";
import { chooseColumns, chosenColumns, chosenOrder, queryOf, sortBy } from "./query.ts";
import { SavedViews } from "./saved-views.tsx";

/** Ids of selected runs, kept while the view changes. */
const selected = signal<ReadonlySet<string>>(new Set());
/** Minimum interval between refreshes. */
const refreshMs = 1_000;

/** The table with its controls. */
export function Runs() {
  const { fields } = location.value;
  const isChoosing = useSignal(false);
  const projects = fields.get("projects") ?? "";
  const asked = JSON.stringify(queryOf());
  const pages = useMemo(() => new RunsPages(JSON.parse(asked)), [asked]);
  useEffect(() => {
    pages.want(0, 40);
    return () => pages.close();
  }, [pages]);
  const refresh = useLive(pages);
  return (
    <>
      <div class="row">
        <select
          aria-label="Project"
          value={projects}
          onChange={(event) => changeFields({ projects: event.currentTarget.value })}
        >
          <option value="">All projects</option>
          {me.value?.projects.map(({ number, name }) => (
            <option key={number} value={String(number)}>
              {name}
            </option>
          ))}
        </select>
        <FilterField
          value={fields.get("filter") ?? ""}
          projects={projects}
          onFilter={(filter) => changeFields({ filter })}
        />
        <SavedViews />
        <button type="button" onClick={() => (isChoosing.value = true)}>
          Columns
        </button>
        <GroupChoice />
        <label class="row">
          <input
            type="checkbox"
            checked={fields.get("stage") === "deleted"}
            onChange={(event) => changeFields({ stage: event.currentTarget.checked ? "deleted" : "" })}
          />
          deleted
        </label>
      </div>
      <Actions selected={selected} isDeleted={fields.get("stage") === "deleted"} onDone={refresh} />
      <Failure error={pages.failure.value} />
      <Rows pages={pages} />
      {isChoosing.value && <ColumnsDialog projects={projects} onClose={() => (isChoosing.value = false)} />}
    </>
  );
}

/** Refreshes the table when runs change. Returns a function that refreshes it at once. */
function useLive(pages: RunsPages): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    let end: () => void = () => undefined;
    let isOver = false;
    void afterFirstRows().then(() => {
      if (isOver) return;
      const refresh = (): void => {
        timer.current ??= setTimeout(() => {
          timer.current = null;
          void pages.refresh();
        }, refreshMs);
      };
      end = onChanges(refresh, () => pages.revision);
    });
    return () => {
      isOver = true;
      end();
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [pages]);
  return () => void pages.refresh();
}

/** Selects the column to group by, among the visible ones. */
function GroupChoice() {
  const group = location.value.fields.get("group") ?? "";
  const columns = chosenColumns().filter((name) => !name.startsWith("curve.") && !isNumeric(name));
  return (
    <select
      aria-label="Group by"
      value={group}
      onChange={(event) => changeFields({ group: event.currentTarget.value })}
    >
      <option value="">Not grouped</option>
      {columns.map((name) => (
        <option key={name} value={encodeURIComponent(name)}>
          by {columnTitle(name)}
        </option>
      ))}
    </select>
  );
}

function Rows({ pages }: { readonly pages: RunsPages }) {
  const baseline = location.value.fields.get("baseline") ?? "";
  const total = pages.total.value;
  pages.version.value; // Renders again with every loaded page.
  if (total === null) return <div class="data-table" aria-busy="true" />;
  if (pages.groups.value !== null)
    return <GroupTable found={pages.groups.value} columns={pages.query.columns ?? []} />;
  const order = chosenOrder();
  const columns: TableColumn[] = [
    { name: "select", title: "★", width: "4.25rem" },
    ...["attributes.name", ...chosenColumns()].map((name, at) => {
      const found = order.find(({ column }) => column === name);
      return {
        name,
        title: columnTitle(name),
        width: widthOf(name),
        isNumber: isNumeric(name),
        ...(found ? { sorted: found.descending ? ("descending" as const) : ("ascending" as const) } : {}),
        ...(name.startsWith("curve.") ? {} : { onSort: (isMore: boolean) => sortBy(name, isMore) }),
        ...(at === 0 ? {} : { onMove: (by: number) => chooseColumns(moved(chosenColumns(), at - 1, by)) }),
      };
    }),
  ];
  const [base] = pages.pinned.value;
  // Selected runs have the same colors as in the comparison.
  const looks = looksOf([...(base ? [base.id] : []), ...selected.value]);
  const open = (run: RunRow | undefined): void => {
    if (run) go(linkTo(["runs", run.id]));
  };
  const toggle = (run: RunRow | undefined): void => {
    if (!run) return;
    const next = new Set(selected.value);
    if (!next.delete(run.id)) next.add(run.id);
    selected.value = next;
  };
  return (
    <>
      <p class="quiet" role="status">
        {countText(total, "run")}
      </p>
      <DataTable
        label="Runs"
        columns={columns}
        total={total}
        pinned={base ? 1 : 0}
        pinnedCell={(_, name) => base && cellOf(base, name, { isPinned: true, look: looks.get(base.id) })}
        cell={(at, name) => {
          const run = pages.row(at);
          if (!run) return name === "attributes.name" ? <span class="quiet">…</span> : null;
          if (name !== "select") {
            const about = { base: run.id === baseline ? undefined : base, look: looks.get(run.id) };
            return cellOf(run, name, { ...about, isPinned: false });
          }
          return <Choice run={run} isBaseline={run.id === baseline} onToggle={() => toggle(run)} />;
        }}
        onShown={pages.shown}
        onOpen={(at) => open(pages.row(at))}
        onSelect={(at) => toggle(pages.row(at))}
        isSelected={(at) => selected.value.has(pages.row(at)?.id ?? "")}
      />
    </>
  );
}

/** A checkbox to select a run, and a button to make it the baseline. */
function Choice({
  run,
  isBaseline,
  onToggle,
}: {
  readonly run: RunRow;
  readonly isBaseline: boolean;
  readonly onToggle: () => void;
}) {
  return (
    <span class="row">
      <input
        type="checkbox"
        aria-label={`Choose ${String(run.cell("attributes.name"))}`}
        checked={selected.value.has(run.id)}
        onChange={onToggle}
      />
      <button
        type="button"
        class="plain"
        aria-pressed={isBaseline}
        title="Baseline: others are shown with their difference to it"
        onClick={() => changeFields({ baseline: isBaseline ? "" : run.id })}
      >
        <span aria-hidden="true">{isBaseline ? "★" : "☆"}</span>
        <span class="hidden">Baseline</span>
      </button>
    </span>
  );
}

function widthOf(name: string): string {
  if (name === "attributes.name") return "minmax(14rem, 2fr)";
  if (name.startsWith("curve.")) return "6rem";
  return isNumeric(name) ? "minmax(7rem, 1fr)" : "minmax(8rem, 1fr)";
}

/** Context of a cell. */
interface CellPlace {
  readonly base?: RunRow | undefined;
  /** Set for selected and pinned runs. */
  readonly look: RunLook | undefined;
  readonly isPinned: boolean;
}

/** A cell, with its difference to the baseline if both are numbers. */
function cellOf(run: RunRow, name: string, { base, look, isPinned }: CellPlace): ComponentChildren {
  const value = run.cell(name);
  if (name === "select") return isPinned ? "★" : null;
  if (name === "attributes.name")
    return (
      <a href={linkTo(["runs", run.id])} {...(look ? swatchOf(look) : {})}>
        {String(value || run.id)}
      </a>
    );
  if (name === "attributes.status")
    return (
      <span class={`status ${statusClass(value)}`}>
        {statusText(String(value), run.cell("attributes.last_seen") as number | null)}
      </span>
    );
  if (Array.isArray(value)) return <Sparkline values={value as readonly (number | string)[]} />;
  const reference = base?.cell(name);
  const difference =
    name.startsWith("metrics.") && typeof value === "number" && typeof reference === "number"
      ? value - reference
      : null;
  return (
    <span title={cellTitle(name, value)}>
      {cellText(name, value)}
      {difference !== null && <small class="quiet"> {differenceText(difference)}</small>}
    </span>
  );
}

/** The CSS class of a status; only statuses known to the style sheet have one. */
function statusClass(value: Cell): string {
  const known = ["running", "completed", "failed", "crashed", "killed", "stopped", "interrupted"];
  return known.find((word) => word === value) ?? "";
}
