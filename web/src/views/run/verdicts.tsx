/**
 * @file Results of a run of the built-in engine: judgement, scores, planned and actual values, forgetting, safety,
 * findings.
 */
import type { ComponentChildren } from "preact";
import { Scroller } from "../../components/scroller.tsx";
import type { Details } from "../../data/details.ts";
import { bytesText, durationText, moneyText, numberText } from "../../format.ts";

/** Renders nothing for runs of other clients. */
export function Verdicts({ run }: { readonly run: Details }) {
  const { own } = run;
  if (own === null) return null;
  return (
    <div class="grid">
      {own.scores.length > 0 && (
        <section class="card">
          <h2>Scores</h2>
          <Scores run={run} />
        </section>
      )}
      <section class="card">
        <h2>Planned and actual</h2>
        <table>
          <thead>
            <tr>
              <td />
              <th class="number">P50</th>
              <th class="number">P90</th>
              <th class="number">actual</th>
            </tr>
          </thead>
          <tbody>
            <PlannedRow name="time" row={own.seconds} text={durationText} />
            <PlannedRow name="cost" row={own.micro_usd} text={moneyText} />
            <PlannedRow name="memory" row={own.memory_bytes} text={bytesText} />
          </tbody>
        </table>
        <p class="quiet">
          {own.model} {own.model_revision} · {own.sessions} {own.sessions === 1 ? "session" : "sessions"}
        </p>
      </section>
      {(own.forgetting !== null || own.safety !== null) && (
        <section class="card">
          <h2>Forgetting and safety</h2>
          {own.safety !== null && (
            <p>
              <strong>{own.safety.verdict}</strong>: {own.safety.sentence}
            </p>
          )}
          {own.forgetting !== null && <Document value={own.forgetting} />}
        </section>
      )}
      <Findings run={run} />
    </div>
  );
}

type PlannedAndActual = NonNullable<Details["own"]>["seconds"];

function PlannedRow({
  name,
  row: { planned, actual },
  text,
}: {
  readonly name: string;
  readonly row: PlannedAndActual;
  readonly text: (value: number) => string;
}) {
  const isOver = planned !== null && actual !== null && actual > planned.p90;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{planned === null ? "" : text(planned.p50)}</td>
      <td class="number">{planned === null ? "" : text(planned.p90)}</td>
      <td class={`number ${isOver ? "warn" : ""}`}>
        {actual === null ? "" : text(actual)}
        {isOver && " (over)"}
      </td>
    </tr>
  );
}

function Scores({ run }: { readonly run: Details }) {
  const scores = run.own?.scores ?? [];
  if (scores.length === 0) return null;
  return (
    <Scroller>
      <table>
        <thead>
          <tr>
            <th>model</th>
            <th>metric</th>
            <th class="number">score</th>
            <th class="number">95 %</th>
            <th class="number">rows</th>
          </tr>
        </thead>
        <tbody>
          {scores.map(({ arm, metric, value, low, high, rows }) => (
            <tr key={`${arm} ${metric}`}>
              <td>{arm}</td>
              <td>{metric}</td>
              <td class="number">{numberText(value)}</td>
              <td class="number">
                {low === null || high === null ? "" : `${numberText(low)} to ${numberText(high)}`}
              </td>
              <td class="number">{rows}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

function Findings({ run }: { readonly run: Details }) {
  const { items = [], total = 0 } = run.own?.findings ?? {};
  if (total === 0) return null;
  return (
    <section class="card">
      <h2>Findings about its data</h2>
      <ul class="findings">
        {items.map((item) => {
          const { code, title, detail, severity, fix } = item as Readonly<Record<string, string>>;
          return (
            <li key={`${code} ${detail}`}>
              <strong class={severity === "error" ? "bad" : severity === "warning" ? "warn" : ""}>
                {code}
              </strong>{" "}
              {title}
              <p class="quiet">{detail}</p>
              {fix !== undefined && fix !== "" && <code>{fix}</code>}
            </li>
          );
        })}
      </ul>
      {total > items.length && <p class="quiet">{total - items.length} more: tunewise check</p>}
    </section>
  );
}

/** A small JSON document: keys with texts and numbers. */
function Document({ value }: { readonly value: unknown }): ComponentChildren {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "object" || value === null) return String(value ?? "");
  if (Array.isArray(value)) return `${value.length} items`;
  return (
    <dl class="facts">
      {Object.entries(value)
        .filter(([, one]) => one !== null && !Array.isArray(one))
        .slice(0, 40)
        .map(([name, one]) => (
          <div key={name}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd>
              <Document value={one} />
            </dd>
          </div>
        ))}
    </dl>
  );
}
