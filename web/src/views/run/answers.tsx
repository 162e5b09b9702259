/** @file Answers of base and tuned model by row, side by side. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Failure } from "../../components/failure.tsx";
import { Pager } from "../../components/pager.tsx";
import { Scroller } from "../../components/scroller.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { useRequest } from "../../data/use-request.ts";
import { countText, numberText } from "../../format.ts";
import { Shown } from "./facts.tsx";

const answersPath = "/api/tunewise/v1/runs/{id}/answers";
const pageRows = 50;

/** The answers, page by page. */
export function Answers({ run }: { readonly run: Details }) {
  const offset = useSignal(0);
  const onlyDifferent = useSignal(false);
  const { value, failure } = useRequest(`${run.id} ${offset.value}`, (signal) =>
    ask("get", answersPath, {
      params: { id: run.id },
      signal,
      query: { offset: String(offset.value), limit: String(pageRows) },
    }),
  );
  if (value === null) return <Failure error={failure} />;
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
        <Pager
          offset={offset.value}
          rows={pageRows}
          total={value.total}
          onTurn={(to) => (offset.value = to)}
        />
      </div>
      <Failure error={failure} />
      <AnswerTable rows={shown} />
    </section>
  );
}

function AnswerTable({ rows }: { readonly rows: Reply<typeof answersPath, "get">["rows"] }) {
  return (
    <Scroller isTall>
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
          {rows.map(({ row, question, reference, base, tuned, scores, ...right }) => (
            <tr key={row}>
              <td class="number">{row}</td>
              <Answer text={question} isRight={null} />
              <Answer text={reference} isRight={null} />
              <Answer text={base} isRight={right.base_is_right} />
              <Answer text={tuned} isRight={right.tuned_is_right} />
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
    </Scroller>
  );
}

/** An answer, and whether it is right if that is known. */
export function Answer({
  text,
  isRight,
  marked = null,
  children,
}: {
  readonly text: Parameters<typeof Shown>[0]["text"];
  readonly isRight: boolean | null;
  /** Replaces the text. */
  readonly marked?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  return (
    <td>
      {isRight !== null && <small class={isRight ? "good" : "bad"}>{isRight ? "✓ right" : "✗ wrong"}</small>}
      <pre>{marked ?? (text && <Shown text={text} />)}</pre>
      {children}
    </td>
  );
}

function better({ base, tuned }: { readonly base: number | null; readonly tuned: number | null }): string {
  if (base === null || tuned === null || base === tuned) return "";
  return tuned > base ? "good" : "bad";
}
