/** @file Groups of runs: how many, and where their numbers lie. */
import { cellText, columnTitle, filterName } from "../../data/columns.ts";
import type { RunsPages } from "../../data/runs-pages.ts";
import { changeFields, location } from "../../location.ts";

type Groups = NonNullable<RunsPages["groups"]["value"]>;

/** A row for each group; runs without the value are a group of their own. */
export function GroupTable({ groups }: { readonly groups: Groups }) {
  const by = (location.value.fields.get("group") ?? "").split(",").map(decodeURIComponent);
  const numeric = groups[0]?.columns.map(({ name }) => name) ?? [];
  return (
    <div class="scrolls tall">
      <table>
        <thead>
          <tr>
            {by.map((name) => (
              <th key={name}>{columnTitle(name)}</th>
            ))}
            <th class="number">runs</th>
            {numeric.map((name) => (
              <th key={name} class="number">
                {columnTitle(name)}: mean (lowest to highest)
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ values, runs, columns }) => (
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
              {columns.map(({ name, mean, min, max }) => (
                <td key={name} class="number">
                  {mean === null
                    ? ""
                    : `${cellText(name, mean)} (${cellText(name, min)} to ${cellText(name, max)})`}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The filter that leaves the runs of a group. */
function narrowed(by: readonly string[], values: readonly (string | null)[]): string {
  const filter = location.value.fields.get("filter") ?? "";
  const clauses = by.map((name, at) => {
    const [value, field] = [values[at], filterName(name)];
    return value == null ? `${field} IS NULL` : `${field} = '${value.replaceAll("'", "''")}'`;
  });
  return [...(filter === "" ? [] : [`(${filter})`]), ...clauses].join(" AND ");
}
