/** @file Groups of runs: their sizes, and statistics of their numbers. */
import { cellText, columnTitle, filterName } from "../../data/columns.ts";
import type { RunsPages } from "../../data/runs-pages.ts";
import { changeFields, location } from "../../location.ts";

type Groups = NonNullable<RunsPages["groups"]["value"]>;

/** One row per group; runs without a value form their own group. */
export function GroupTable({
  found: { groups, count },
  columns,
}: {
  readonly found: Groups;
  readonly columns: readonly string[];
}) {
  const by = (location.value.fields.get("group") ?? "").split(",").map(decodeURIComponent);
  const numeric = columns.flatMap((name, at) =>
    groups.some(({ figures }) => figures[at]) ? [{ name, at }] : [],
  );
  return (
    <div class="scrolls tall">
      <table>
        <thead>
          <tr>
            {by.map((name) => (
              <th key={name}>{columnTitle(name)}</th>
            ))}
            <th class="number">runs</th>
            {numeric.map(({ name }) => (
              <th key={name} class="number">
                {columnTitle(name)}: mean (lowest to highest)
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ values, runs, figures }) => (
            <tr key={JSON.stringify(values)}>
              {values.map((value, at) => (
                <td key={by[at]}>
                  <button
                    type="button"
                    class="plain"
                    onClick={() => changeFields({ group: "", filter: narrowed(by, values) })}
                  >
                    {value === null ? "(none)" : cellText(by[at] ?? "", value)}
                  </button>
                </td>
              ))}
              <td class="number">{runs.toLocaleString("en-US")}</td>
              {numeric.map(({ name, at }) => {
                const figure = figures[at];
                return (
                  <td key={name} class="number">
                    {figure &&
                      `${cellText(name, figure.mean)} (${cellText(name, figure.min)} to ${cellText(name, figure.max)})`}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {count > groups.length && (
        <p class="quiet">
          The first {groups.length} of {count} groups.
        </p>
      )}
    </div>
  );
}

/** The filter that selects the runs of a group. */
function narrowed(by: readonly string[], values: readonly (string | number | null)[]): string {
  const filter = location.value.fields.get("filter") ?? "";
  const clauses = by.map((name, at) => {
    const [value, field] = [values[at], filterName(name)];
    return value == null ? `${field} IS NULL` : `${field} = '${String(value).replaceAll("'", "''")}'`;
  });
  return [...(filter === "" ? [] : [`(${filter})`]), ...clauses].join(" AND ");
}
