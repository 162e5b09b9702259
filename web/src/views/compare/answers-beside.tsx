/** @file Answers of tuned models to the same rows, side by side, page by page. */

import { useSignal } from "@preact/signals";
import { Failure } from "../../components/failure.tsx";
import { Pager } from "../../components/pager.tsx";
import { Scroller } from "../../components/scroller.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { looksOf, noLook, swatchOf } from "../../data/run-looks.ts";
import { useRequest } from "../../data/use-request.ts";
import { countText, numberText } from "../../format.ts";
import { Answer } from "../run/answers.tsx";
import { LeftOut } from "./significance.tsx";

const besidePath = "/api/tunewise/v1/runs/answers";
type Page = Reply<typeof besidePath, "post">;
type Choice = keyof Page["counts"];

/** Maximum runs shown side by side. */
const maxRuns = 20;
const pageRows = 50;

const choices: Readonly<Record<Choice, string>> = {
  scores: "rows whose scores disagree",
  answers: "rows whose answers differ",
  all: "all rows",
};

/** Renders nothing if fewer than two runs have answers; the differences explain why. */
export function AnswersBeside({ runs }: { readonly runs: readonly Details[] }) {
  const chosen = useSignal<{ readonly only: Choice; readonly offset: number }>({ only: "scores", offset: 0 });
  const marks = useSignal(false);
  const { only, offset } = chosen.value;
  const ids = runs.flatMap(({ id, own }) => (own === null ? [] : [id])).slice(0, maxRuns);
  const key = ids.length < 2 ? null : `${ids.join(",")} ${only} ${offset} ${marks.value}`;
  const { value, failure } = useRequest(key, (signal) =>
    ask("post", besidePath, {
      body: { runs: ids, only, offset, limit: pageRows, marks: marks.value },
      signal,
    }),
  );
  if (key === null || value === null) return <Failure error={failure} />;
  const nameOf = (id: string): string => runs.find((run) => run.id === id)?.name || id;
  if (value.runs.length < 2) return null;
  const total = value.counts[only];
  return (
    <section class="card" aria-label="Answers">
      <div class="row">
        <h2>Answers</h2>
        <select
          aria-label="Which rows"
          value={only}
          onChange={(event) => (chosen.value = { only: event.currentTarget.value as Choice, offset: 0 })}
        >
          {Object.entries(choices).map(([name, text]) => (
            <option key={name} value={name}>
              {text}: {value.counts[name as Choice].toLocaleString("en-US")}
            </option>
          ))}
        </select>
        <label class="row">
          <input
            type="checkbox"
            checked={marks.value}
            onChange={(event) => (marks.value = event.currentTarget.checked)}
          />
          words that differ from {nameOf(value.runs[0] ?? "")}
        </label>
        <Pager
          offset={offset}
          rows={pageRows}
          total={total}
          onTurn={(to) => (chosen.value = { only, offset: to })}
        />
        <span class="quiet" role="status">
          {total > 0 && `${offset + 1} to ${offset + value.rows.length} of `}
          {countText(total, "row")}
        </span>
      </div>
      <Failure error={failure} />
      <AnswerTable page={value} nameOf={nameOf} order={runs.map(({ id }) => id)} />
      <LeftOut list={value.left_out} nameOf={nameOf} />
    </section>
  );
}

function AnswerTable({
  page,
  nameOf,
  order,
}: {
  readonly page: Page;
  readonly nameOf: (id: string) => string;
  readonly order: readonly string[];
}) {
  const looks = looksOf(order);
  return (
    <Scroller isTall>
      <table class="answers">
        <thead>
          <tr>
            <th class="number">row</th>
            <th>question</th>
            <th>reference</th>
            {page.runs.map((id) => (
              <th key={id} {...swatchOf(looks.get(id) ?? noLook)}>
                {nameOf(id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.rows.map(({ row, question, reference, answers }) => (
            <tr key={row}>
              <td class="number">{row}</td>
              <Answer text={question} isRight={null} />
              <Answer text={reference} isRight={null} />
              {answers.map(({ text, is_right: isRight, parts, scores }, at) => (
                <Answer key={page.runs[at]} text={text} isRight={isRight} marked={parts && marked(parts)}>
                  {scores.map(({ metric, value }) => (
                    <small key={metric} class="quiet">
                      {metric} {numberText(value) || "–"}{" "}
                    </small>
                  ))}
                </Answer>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

type Parts = NonNullable<Page["rows"][number]["answers"][number]["parts"]>;

function marked(parts: Parts) {
  return parts.map(({ kind, text }, at) => {
    if (kind === "added") return <ins key={at}>{text}</ins>;
    return kind === "missing" ? <del key={at}>{text}</del> : text;
  });
}
