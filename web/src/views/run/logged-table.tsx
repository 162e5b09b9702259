/** @file A table logged as a file, page by page. */

import { useSignal } from "@preact/signals";
import { Failure } from "../../components/failure.tsx";
import { Pager } from "../../components/pager.tsx";
import { Scroller } from "../../components/scroller.tsx";
import { ask, type Reply } from "../../data/api.ts";
import { useRequest } from "../../data/use-request.ts";
import { countText } from "../../format.ts";
import { Shown } from "./facts.tsx";

const tablePath = "/api/tunewise/v1/runs/{id}/table";
const pageRows = 50;

/** The table in a run's file. */
export function LoggedTable({ run, path }: { readonly run: string; readonly path: string }) {
  const place = useSignal({ path, offset: 0 });
  const offset = place.value.path === path ? place.value.offset : 0;
  const { value, failure } = useRequest(`${run} ${offset} ${path}`, (signal) =>
    ask("get", tablePath, {
      params: { id: run },
      signal,
      query: { path, offset: String(offset), limit: String(pageRows) },
    }),
  );
  if (value === null) return <Failure error={failure} />;
  return (
    <section class="column" aria-label={`Table ${path}`}>
      <Failure error={failure} />
      <div class="row">
        {value.columns.length > 0 && (
          <span class="quiet">
            {countText(value.total, "row")}, {countText(value.columns_total, "column")}
          </span>
        )}
        <Pager
          offset={offset}
          rows={pageRows}
          total={value.total}
          onTurn={(to) => (place.value = { path, offset: to })}
        />
        {value.note !== null && <span class="quiet">{value.note}</span>}
      </div>
      {value.columns.length > 0 && <Cells table={value} offset={offset} />}
    </section>
  );
}

function Cells({
  table: { columns, rows },
  offset,
}: {
  readonly table: Reply<typeof tablePath, "get">;
  readonly offset: number;
}) {
  return (
    <Scroller isTall>
      <table class="cells">
        <thead>
          <tr>
            <th class="number">row</th>
            {columns.map(({ name, is_number: isNumber }, at) => (
              <th key={at} class={isNumber ? "number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              <td class="number quiet">{offset + row}</td>
              {cells.map((cell, at) => (
                <td key={at} class={columns[at]?.is_number ? "number" : undefined}>
                  {cell !== null && <Shown text={cell} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
