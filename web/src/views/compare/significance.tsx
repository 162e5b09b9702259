/** @file Which differences between scores are significant, in the words of `tunewise compare`. */

import { Failure } from "../../components/failure.tsx";
import { Scroller } from "../../components/scroller.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { looksOf, noLook, swatchOf } from "../../data/run-looks.ts";
import { useRequest } from "../../data/use-request.ts";
import { numberText } from "../../format.ts";

type Found = Reply<"/api/tunewise/v1/runs/differences", "post">;

/** Maximum runs per comparison. */
const maxRuns = 20;

/** Differences to the baseline with intervals, or the reason why there are none. */
export function Significance({
  runs,
  baseline,
}: {
  readonly runs: readonly Details[];
  readonly baseline: string;
}) {
  const ids = [baseline, ...runs.map(({ id }) => id).filter((id) => id !== baseline)].slice(0, maxRuns);
  const { value, failure } = useRequest(ids.join(","), (signal) =>
    ask("post", "/api/tunewise/v1/runs/differences", { body: { runs: ids }, signal }),
  );
  if (value === null) return <Failure error={failure} />;
  const nameOf = (id: string): string => runs.find((run) => run.id === id)?.name || id;
  const [first, ...others] = value.variants;
  return (
    <section class="card" aria-label="Differences and chance">
      <h2>More than chance?</h2>
      <Failure error={failure} />
      {first && others.length > 0 && (
        <>
          <Variants variants={value.variants} nameOf={nameOf} order={runs.map(({ id }) => id)} />
          <p class="quiet">{value.method}</p>
        </>
      )}
      {first && others.length === 0 && first.runs.length > 1 && (
        <p>
          These runs have the same settings, but for the seed at most: they count as one way of training, so
          that there is no difference to test.
        </p>
      )}
      <LeftOut list={value.left_out} nameOf={nameOf} />
      {runs.length > maxRuns && <p class="quiet">The first {maxRuns} runs are compared.</p>}
    </section>
  );
}

function Variants({
  variants,
  nameOf,
  order,
}: {
  readonly variants: Found["variants"];
  readonly nameOf: (id: string) => string;
  readonly order: readonly string[];
}) {
  const looks = looksOf(order);
  return (
    <Scroller>
      <table class="chance">
        <thead>
          <tr>
            <th>runs</th>
            <th>settings</th>
            <th>score</th>
            <th class="number">mean</th>
            <th>difference to the baseline</th>
          </tr>
        </thead>
        <tbody>
          {variants.flatMap(({ method, runs, rows, scores, differences }, way) =>
            scores.map(({ metric, value }, at) => {
              const difference = differences.find((one) => one.metric === metric);
              return (
                <tr key={`${way} ${metric}`}>
                  {at === 0 && (
                    <>
                      <th scope="rowgroup" rowSpan={scores.length}>
                        {runs.map((id) => (
                          <div key={id} {...swatchOf(looks.get(id) ?? noLook)}>
                            {nameOf(id)}
                          </div>
                        ))}
                      </th>
                      <td rowSpan={scores.length}>{method}</td>
                    </>
                  )}
                  <td>{metric}</td>
                  <td class="number">{numberText(value)}</td>
                  {way === 0 ? (
                    <td class="quiet">★ baseline, {rows.toLocaleString("en-US")} rows</td>
                  ) : (
                    <td
                      class={{ better: "good", worse: "bad", unclear: "" }[difference?.verdict ?? "unclear"]}
                    >
                      {difference?.sentence ?? "not compared"}
                    </td>
                  )}
                </tr>
              );
            }),
          )}
        </tbody>
      </table>
    </Scroller>
  );
}

/** Runs that are not compared, grouped by reason. */
export function LeftOut({
  list,
  nameOf,
}: {
  readonly list: Found["left_out"];
  readonly nameOf: (id: string) => string;
}) {
  const byReason = new Map<string, string[]>();
  for (const { run, reason } of list) byReason.set(reason, [...(byReason.get(reason) ?? []), nameOf(run)]);
  return (
    <>
      {[...byReason].map(([reason, names]) => (
        <p key={reason} class="quiet">
          {names.length > 3
            ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`
            : names.join(", ")}
          : {reason}
        </p>
      ))}
    </>
  );
}
