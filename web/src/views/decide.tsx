/** @file Decisions: whether to tune, the evidence, and what would change the decision. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Command } from "../components/command.tsx";
import { Failure } from "../components/failure.tsx";
import { Frontier } from "../components/frontier.tsx";
import { ask, type Reply } from "../data/api.ts";
import { agoText, moneyText, numberText } from "../format.ts";
import { linkTo, location } from "../location.ts";
import { Shown } from "./run/facts.tsx";

type Listed = Reply<"/api/tunewise/v1/decisions", "get">["decisions"];
type Decision = Reply<"/api/tunewise/v1/runs/{id}/decision", "get">;

/** All decisions, or the one named in the address. */
export function Decide() {
  const id = location.value.path[1];
  return id === undefined ? <Decisions /> : <OneDecision id={id} />;
}

function Decisions() {
  const found = useSignal<Listed | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    ask("get", "/api/tunewise/v1/decisions")
      .then(({ decisions }) => {
        found.value = decisions;
      })
      .catch((error: Error) => {
        failure.value = error;
      });
  }, []);
  return (
    <>
      <main>
        <h1>Decisions</h1>
        <Failure error={failure.value} />
        {found.value?.length === 0 && (
          <p>
            None yet. <code>tunewise try</code> compares prompting, examples, retrieval and the tuned model on
            the same rows, and says which one to use.
          </p>
        )}
        {found.value !== null && found.value.length > 0 && (
          <table>
            <thead>
              <tr>
                <th>comparison</th>
                <th>decision</th>
                <th>project</th>
                <th>when</th>
                <th class="number">cost</th>
              </tr>
            </thead>
            <tbody>
              {found.value.map(({ id, name, title, tone, project_name, started_ms, spent_micro_usd }) => (
                <tr key={id}>
                  <td>
                    <a href={linkTo(["decide", id])}>{name || id}</a>
                  </td>
                  <td class={toneClass(tone)}>{title === "" ? "not finished" : title}</td>
                  <td>{project_name}</td>
                  <td>{agoText(started_ms)}</td>
                  <td class="number">{moneyText(spent_micro_usd)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </main>
      <Command text="tunewise runs list" />
    </>
  );
}

function OneDecision({ id }: { readonly id: string }) {
  const found = useSignal<Decision | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    found.value = null;
    ask("get", "/api/tunewise/v1/runs/{id}/decision", { params: { id } })
      .then((decision) => {
        found.value = decision;
      })
      .catch((error: Error) => {
        failure.value = error;
      });
  }, [id]);
  const { value } = found;
  const file = (format: string): string =>
    `/api/tunewise/v1/runs/${encodeURIComponent(id)}/decision/file?format=${format}`;
  return (
    <>
      <main>
        <Failure error={failure.value} />
        {value && (
          <>
            <div class="row">
              <h1 class={toneClass(value.tone)}>{value.title}</h1>
              <span class="row end shared">
                <a class="button" href={file("html")} download>
                  HTML
                </a>
                <a class="button" href={file("markdown")} download>
                  Markdown
                </a>
                <button type="button" onClick={() => window.print()}>
                  Print
                </button>
              </span>
            </div>
            <p>
              <strong>{value.why}</strong>
            </p>
            <p class="quiet">
              {value.objective} {value.metric} on {value.test_rows} test rows, {value.model}.{" "}
              <a href={linkTo(["runs", id])}>The comparison's run</a>
            </p>
            <div class="grid">
              <Frontier arms={value.arms} metric={value.metric} />
              <Volumes ranges={value.by_volume} />
            </div>
            {value.parts.map((part) => (
              <Part key={part.title} part={part} />
            ))}
            <Split rows={value.split} />
          </>
        )}
      </main>
      <Command text={`tunewise runs show ${id}`} />
    </>
  );
}

function toneClass(tone: string): string {
  return { good: "good", bad: "bad", open: "warn" }[tone] ?? "";
}

/** The decision as a function of the number of answers a month, chosen with a slider. */
function Volumes({ ranges }: { readonly ranges: Decision["by_volume"] }) {
  const place = useSignal(50);
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (!first || !last) return null;
  const [low, high] = [
    Math.log10(Math.max(1, first.from_per_month)),
    Math.log10(Math.max(10, last.to_per_month)),
  ];
  const volume = 10 ** (low + ((high - low) * place.value) / 100);
  const at = ranges.find(({ to_per_month: to }) => volume <= to) ?? last;
  return (
    <section class="card">
      <h2>How many answers a month?</h2>
      <label class="column">
        <span>
          {numberText(Number(volume.toPrecision(2)))} a month: <strong>{at.title}</strong>
        </span>
        <input
          type="range"
          min="0"
          max="100"
          value={String(place.value)}
          onInput={(event) => (place.value = Number(event.currentTarget.value))}
        />
      </label>
      <ul>
        {ranges.map(({ from_per_month: from, to_per_month: to, title }) => (
          <li key={from}>
            {numberText(from)} to {numberText(to)}: {title}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Part({ part: { title, sentences, table } }: { readonly part: Decision["parts"][number] }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {table !== null && (
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th key={column.title} class={column.is_numeric ? "number" : ""}>
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={row.join("\n")}>
                  {row.map((cell, at) => (
                    <td key={table.columns[at]?.title} class={table.columns[at]?.is_numeric ? "number" : ""}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {sentences.length === 1 ? (
        <p>{sentences[0]}</p>
      ) : (
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Questions that arms answered differently. */
function Split({ rows }: { readonly rows: Decision["split"] }) {
  const arms = [...new Set(rows.flatMap(({ answers }) => answers.map(({ arm }) => arm)))];
  if (rows.length === 0) return null;
  return (
    <section class="card">
      <h2>Where they differ</h2>
      <div class="scrolls tall">
        <table class="answers">
          <thead>
            <tr>
              <th>question</th>
              <th>reference</th>
              {arms.map((arm) => (
                <th key={arm}>{arm}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ question, reference, answers }) => (
              <tr key={question.text}>
                {[
                  question,
                  reference,
                  ...arms.map((arm) => answers.find((one) => one.arm === arm)?.text ?? null),
                ].map((text, at) => (
                  <td key={at === 0 ? "question" : at === 1 ? "reference" : arms[at - 2]}>
                    <pre>{text && <Shown text={text} />}</pre>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
