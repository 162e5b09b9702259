/** @file A run's settings, differences from its parent, data and metrics. */

import { useSignal } from "@preact/signals";
import { Scroller } from "../../components/scroller.tsx";
import type { Details } from "../../data/details.ts";
import { numberText } from "../../format.ts";
import { linkTo } from "../../location.ts";

type Text = { readonly text: string; readonly length: number | null };

/** Cards of facts. */
export function Facts({ run }: { readonly run: Details }) {
  const { parent, datasets, launched_by: launchedBy, launched } = run;
  return (
    <div class="grid">
      {parent !== null && <Parent parent={parent} />}
      <Pairs title="Settings" list={run.params} />
      <Pairs title="Tags" list={run.tags} />
      <Metrics list={run.metrics} />
      {(datasets.total > 0 || run.own !== null) && (
        <section class="card">
          <h2>Data</h2>
          {run.own !== null && (
            <p>
              fingerprint <code>{run.own.data_fingerprint.slice(0, 23)}</code>,{" "}
              <a href={linkTo(["data"])}>what is found in the data of recipes</a>
            </p>
          )}
          <ul>
            {datasets.items.map(({ name, digest, context }) => (
              <li key={`${name} ${digest} ${context}`}>
                {name} <span class="quiet">{context}</span> <code>{digest}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {(launchedBy !== null || launched.total > 0) && (
        <section class="card">
          <h2>Commands</h2>
          {launchedBy !== null && (
            <p>
              Started by <a href={linkTo(["runs", launchedBy])}>{launchedBy}</a>
            </p>
          )}
          <ul>
            {launched.items.map((id) => (
              <li key={id}>
                <a href={linkTo(["runs", id])}>{id}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Settings that differ from those of the parent run. */
function Parent({ parent }: { readonly parent: NonNullable<Details["parent"]> }) {
  return (
    <section class="card">
      <h2>
        Differs from <a href={linkTo(["runs", parent.id])}>{parent.name || parent.id}</a>
      </h2>
      {parent.differs.total === 0 ? (
        <p class="quiet">In no setting.</p>
      ) : (
        <table>
          <tbody>
            {parent.differs.items.map(({ key, own, parent: before }) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td>
                  <Shown text={before} /> → <Shown text={own} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Last values and extremes. */
function Metrics({ list }: { readonly list: Details["metrics"] }) {
  return (
    <section class="card">
      <h2>Metrics</h2>
      <Scroller>
        <table>
          <thead>
            <tr>
              <th>metric</th>
              <th class="number">last</th>
              <th class="number">lowest</th>
              <th class="number">highest</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map(({ key, last, special, min, max }) => (
              <tr key={key}>
                <td>{key}</td>
                <td class="number">{numberText(last ?? special)}</td>
                <td class="number">{numberText(min)}</td>
                <td class="number">{numberText(max)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <More shown={list.items.length} total={list.total} />
    </section>
  );
}

/** Keys and values, with a search field if there are many. */
function Pairs({ title, list }: { readonly title: string; readonly list: Details["params"] }) {
  const search = useSignal("");
  const found = list.items.filter(({ key }) => key.toLowerCase().includes(search.value.toLowerCase()));
  return (
    <section class="card">
      <div class="row">
        <h2>{title}</h2>
        {list.total > 12 && (
          <input
            type="search"
            class="end"
            aria-label={`Search ${title.toLowerCase()}`}
            placeholder="Search"
            onInput={(event) => (search.value = event.currentTarget.value)}
          />
        )}
      </div>
      {list.total === 0 && <p class="quiet">None.</p>}
      <Scroller>
        <table>
          <tbody>
            {found.slice(0, 500).map(({ key, ...text }) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td>
                  <Shown text={text} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <More shown={list.items.length} total={list.total} />
    </section>
  );
}

/** A text, possibly truncated. */
export function Shown({ text }: { readonly text: Text | null }) {
  if (text === null) return <span class="quiet">(not set)</span>;
  return (
    <>
      {text.text}
      {text.length !== null && (
        <span class="quiet">… ({text.length.toLocaleString("en-US")} characters)</span>
      )}
    </>
  );
}

function More({ shown, total }: { readonly shown: number; readonly total: number }) {
  return total > shown ? <p class="quiet">{(total - shown).toLocaleString("en-US")} more</p> : null;
}
