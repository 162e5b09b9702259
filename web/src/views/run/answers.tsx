/** @file Answers of base and tuned model by row, side by side. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Failure } from "../../components/failure.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { countText, numberText } from "../../format.ts";
import { Shown } from "./facts.tsx";

const pageRows = 50;

/** The answers, page by page. */
export function Answers({ run }: { readonly run: Details }) {
  const offset = useSignal(0);
  const onlyDifferent = useSignal(false);
  const page = useSignal<Reply<"/api/tunewise/v1/runs/{id}/answers", "get"> | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    const query = { offset: String(offset.value), limit: String(pageRows) };
    ask("get", "/api/tunewise/v1/runs/{id}/answers", { params: { id: run.id }, query })
      .then((found) => {
        page.value = found;
        failure.value = null;
      })
      .catch((error: Error) => {
        failure.value = error;
      });
  }, [run.id, offset.value]);
  const { value } = page;
  if (value === null) return <Failure error={failure.value} />;
  if (value.total === 0) return <p class="quiet">No answers were kept for this run.</p>;
  const shown = value.rows.filter(
    ({ scores }) => !onlyDifferent.value || scores.some(({ base, tuned }) => base !== tuned),
  );
  return (
    <section class="column" aria-label="Answers">
      <div class="row">
        <span>{countText(value.total, "row")}</span>
        <label class="row">
          <input
            type="checkbox"
            checked={onlyDifferent.value}
            onChange={(event) => (onlyDifferent.value = event.currentTarget.checked)}
          />
          only where the models' scores differ
        </label>
        <button type="button" disabled={offset.value === 0} onClick={() => (offset.value -= pageRows)}>
          Previous
        </button>
        <button
          type="button"
          disabled={offset.value + pageRows >= value.total}
          onClick={() => (offset.value += pageRows)}
        >
          Next
        </button>
      </div>
      <Failure error={failure.value} />
      <div class="scrolls tall">
        <table class="answers">
          <thead>
            <tr>
              <th class="number">row</th>
              <th>question</th>
              <th>reference</th>
              <th>base model</th>
              <th>tuned model</th>
              <th>scores, base → tuned</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ row, question, reference, base, tuned, scores }) => (
              <tr key={row}>
                <td class="number">{row}</td>
                {[question, reference, base, tuned].map((text, at) => (
                  <td key={at}>
                    <pre>{text && <Shown text={text} />}</pre>
                  </td>
                ))}
                <td>
                  {scores.map((score) => (
                    <p key={score.metric} class={better(score)}>
                      {score.metric}: {numberText(score.base) || "–"} → {numberText(score.tuned) || "–"}
                    </p>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function better({ base, tuned }: { readonly base: number | null; readonly tuned: number | null }): string {
  if (base === null || tuned === null || base === tuned) return "";
  return tuned > base ? "good" : "bad";
}
