/** @file Answers of tuned models to the same rows, beside each other. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Failure } from "../../components/failure.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { countText, numberText, runColor } from "../../format.ts";
import { Shown } from "../run/facts.tsx";

type Page = Reply<"/api/tunewise/v1/runs/{id}/answers", "get">;

/** Runs whose answers stand beside each other. */
const maxRuns = 6;
/** Rows that are compared. */
const pageRows = 200;

/** Nothing where less than two runs kept answers. */
export function AnswersBeside({ runs }: { readonly runs: readonly Details[] }) {
  const pages = useSignal<readonly (Page | null)[]>([]);
  const failure = useSignal<Error | null>(null);
  const onlyDisagreed = useSignal(true);
  const shown = runs.filter(({ own }) => own !== null).slice(0, maxRuns);
  const asked = shown.map(({ id }) => id).join(",");
  useEffect(() => {
    Promise.all(
      shown.map(({ id }) =>
        ask("get", "/api/tunewise/v1/runs/{id}/answers", {
          params: { id },
          query: { limit: String(pageRows) },
        }),
      ),
    )
      .then((found) => {
        pages.value = found;
      })
      .catch((error: Error) => {
        failure.value = error;
      });
  }, [asked]);
  const answered = shown.flatMap((run, at) => {
    const page = pages.value[at];
    return page && page.total > 0
      ? [{ run, byQuestion: new Map(page.rows.map((row) => [row.question.text, row])) }]
      : [];
  });
  if (answered.length < 2) return <Failure error={failure.value} />;
  const questions = [...(answered[0]?.byQuestion.keys() ?? [])].filter((text) =>
    answered.every(({ byQuestion }) => byQuestion.has(text)),
  );
  const disagreed = questions.filter((text) => {
    const marks = answered.map(({ byQuestion }) =>
      JSON.stringify(byQuestion.get(text)?.scores.map(({ tuned }) => tuned)),
    );
    return new Set(marks).size > 1;
  });
  return (
    <section class="card" aria-label="Answers">
      <div class="row">
        <h2>Answers</h2>
        <label class="row">
          <input
            type="checkbox"
            checked={onlyDisagreed.value}
            onChange={(event) => (onlyDisagreed.value = event.currentTarget.checked)}
          />
          only where scores disagree ({countText(disagreed.length, "row")} of {questions.length})
        </label>
      </div>
      <div class="scrolls tall">
        <table class="answers">
          <thead>
            <tr>
              <th>question</th>
              <th>reference</th>
              {answered.map(({ run: { id, name } }) => (
                <th key={id} class="run-name" style={{ "--swatch": runColor(id) }}>
                  {name || id}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(onlyDisagreed.value ? disagreed : questions).map((text) => {
              const first = answered[0]?.byQuestion.get(text);
              return (
                <tr key={text}>
                  <td>
                    <pre>{text}</pre>
                  </td>
                  <td>
                    <pre>
                      <Shown text={first?.reference ?? null} />
                    </pre>
                  </td>
                  {answered.map(({ run: { id }, byQuestion }) => {
                    const row = byQuestion.get(text);
                    return (
                      <td key={id}>
                        <pre>
                          <Shown text={row?.tuned ?? null} />
                        </pre>
                        {row?.scores.map(({ metric, tuned }) => (
                          <small key={metric} class="quiet">
                            {metric} {numberText(tuned)}{" "}
                          </small>
                        ))}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
