/** @file The plan of a recipe: cost and its causes, where it fits, and obstacles. Users approve and start it here. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Bars } from "../../components/bars.tsx";
import { Command } from "../../components/command.tsx";
import { Failure } from "../../components/failure.tsx";
import { Severity } from "../../components/findings.tsx";
import { Histogram } from "../../components/histogram.tsx";
import { type Recipe, RecipeChoice } from "../../components/recipe-choice.tsx";
import { ask, type Body } from "../../data/api.ts";
import {
  agoText,
  bytesText,
  countText,
  durationText,
  fineMoneyText,
  moneyText,
  numberText,
} from "../../format.ts";
import { linkTo, location } from "../../location.ts";
import { Approval } from "./approval.tsx";
import { Places } from "./places.tsx";
import { fieldsOf, Settings } from "./settings.tsx";
import { type Place, placeKey, type ShownPlan } from "./shown.ts";

type Knobbed = Body<"/api/tunewise/v1/recipes/{recipe}/plan", "post">;

/** The view; its settings are in the address. */
export function Plan() {
  const command = useSignal("tunewise plan");
  return (
    <>
      <main>
        <RecipeChoice view="plan" title="Plan">
          {(recipe, models) => (
            <Planned
              key={recipe.name}
              recipe={recipe}
              models={models}
              onCommand={(text) => (command.value = text)}
            />
          )}
        </RecipeChoice>
      </main>
      <Command text={command.value} />
    </>
  );
}

interface PlannedProps {
  readonly recipe: Recipe;
  readonly models: readonly string[];
  readonly onCommand: (text: string) => void;
}

function Planned({ recipe, models, onCommand }: PlannedProps) {
  const found = useSignal<ShownPlan | null>(null);
  const failure = useSignal<Error | null>(null);
  const isBusy = useSignal(true);
  const body = fieldsOf(location.value.fields);
  const asked = JSON.stringify(body);
  useEffect(() => {
    const leaving = new AbortController();
    isBusy.value = true;
    ask("post", "/api/tunewise/v1/recipes/{recipe}/plan", {
      params: { recipe: recipe.name },
      body: body as Knobbed,
      signal: leaving.signal,
    })
      .then((plan) => {
        [found.value, failure.value, isBusy.value] = [plan, null, false];
        onCommand(plan.command);
      })
      .catch((error: Error) => {
        if (!leaving.signal.aborted) [found.value, failure.value, isBusy.value] = [null, error, false];
      });
    return () => leaving.abort();
  }, [asked, recipe.name]);
  const plan = found.value;
  return (
    <>
      <Settings recipe={recipe} models={models} />
      <p role="status" class="quiet">
        {isBusy.value
          ? "Planning: rows are read and counted, the cost is simulated ..."
          : plan && `Made ${agoText(plan.made_ms)}. Nothing is spent by a plan.`}
      </p>
      <Failure error={failure.value} />
      {plan && (
        <div class="column" aria-busy={isBusy.value}>
          <PlanCards plan={plan} recipe={recipe} isBusy={isBusy.value} />
        </div>
      )}
    </>
  );
}

function PlanCards({
  plan,
  recipe,
  isBusy,
}: {
  readonly plan: ShownPlan;
  readonly recipe: Recipe;
  readonly isBusy: boolean;
}) {
  const wanted = location.value.fields.get("place");
  const place = plan.places.find((one) => placeKey(one) === wanted) ?? plan.places[0];
  if (!place) return null;
  const { total } = place;
  return (
    <>
      <Approval plan={plan} recipe={recipe} isHere={place.kind === "here"} isBusy={isBusy} />
      <div class="grid">
        <section class="card column">
          <h2>Cost of all of it on {place.name}</h2>
          {total ? (
            <>
              <p>
                P50 <strong>{fineMoneyText(total.p50)}</strong>, P90{" "}
                <strong>{fineMoneyText(total.p90)}</strong>; one run{" "}
                {fineMoneyText(place.run_micro_usd.expected)} ({fineMoneyText(place.run_micro_usd.low)} to{" "}
                {fineMoneyText(place.run_micro_usd.high)})
              </p>
              {total.distribution && (
                <Histogram distribution={total.distribution} p50={total.p50} p90={total.p90} />
              )}
              {total.shares.length > 0 && (
                <>
                  <h3>What drives it</h3>
                  <Bars
                    label="Shares of the cost in outcomes around P90"
                    rows={total.shares.map(({ name, share }) => ({
                      name,
                      value: share,
                      most: 1,
                      text: share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`,
                    }))}
                  />
                </>
              )}
            </>
          ) : (
            <p>
              It does not fit here
              {place.change === null ? "" : `; what would have to change: ${place.change}`}.
            </p>
          )}
          <p class="quiet">{priceText(place)}</p>
        </section>
        <Work plan={plan} place={place} />
      </div>
      <Findings findings={plan.findings} recipe={recipe.name} />
      <Places plan={plan} shown={placeKey(place)} />
      <Assumed plan={plan} />
    </>
  );
}

function priceText({ micro_usd_per_hour: perHour, price: { name, as_of: asOf }, pricing }: Place): string {
  const from = name === "" ? "the recipe" : name;
  const age = asOf === null ? "undated" : `as of ${asOf}, ${agoText(Date.parse(asOf))}`;
  const price = pricing === "per-token" ? "Price per token" : `${moneyText(perHour)} an hour`;
  return `${price}, by ${from}, ${age}.`;
}

function Work({ plan, place }: { readonly plan: ShownPlan; readonly place: Place }) {
  const { model, data, schedule } = plan;
  const { seconds, memory } = place;
  const rows: readonly (readonly [name: string, text: string])[] = [
    ["model", `${model.source}, ${numberText(model.parameters)} parameters`],
    [
      "trained",
      `${numberText(model.trained_parameters)} by ${model.method}${model.rank > 0 ? `, rank ${model.rank}` : ""}`,
    ],
    [
      "rows",
      `${numberText(data.train_rows)} train, ${numberText(data.validation_rows)} validation, ${numberText(data.test_rows)} test`,
    ],
    [
      "tokens",
      `${numberText(data.tokens_per_epoch)} an epoch, ${numberText(schedule.tokens)} in ` +
        `${countText(schedule.steps, "step")}; the longest row has ${numberText(data.longest_tokens)}`,
    ],
    [
      "time of a run",
      seconds
        ? `${durationText(seconds.expected)} (${durationText(seconds.low)} to ${durationText(seconds.high)})`
        : "not known",
    ],
    [
      "memory",
      memory
        ? `${bytesText(memory.expected)} (${bytesText(memory.low)} to ${bytesText(memory.high)}) of ` +
          `${bytesText(memory.usable)}, most of it ${memory.biggest_term}`
        : "the vendor's matter",
    ],
    ["fits", place.fits],
  ];
  return (
    <section class="card">
      <h2>Time and memory</h2>
      <table>
        <tbody>
          {rows.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="breaks">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Findings({
  findings,
  recipe,
}: {
  readonly findings: ShownPlan["findings"];
  readonly recipe: string;
}) {
  if (findings.length === 0) return null;
  const notes = findings.filter(({ severity }) => severity === "note");
  const list = (some: ShownPlan["findings"]) => (
    <ul>
      {some.map(({ code, severity, title, detail, fix }, at) => (
        <li key={`${code} ${at}`}>
          <Severity word={severity} /> {title}: {detail} <span class="quiet">{fix}</span> <code>{code}</code>
        </li>
      ))}
    </ul>
  );
  return (
    <section class="card">
      <h2>Findings</h2>
      {list(findings.filter(({ severity }) => severity !== "note"))}
      {notes.length > 0 && (
        <details>
          <summary>{countText(notes.length, "note")}</summary>
          {list(notes)}
        </details>
      )}
      <a href={linkTo(["data", recipe])}>The rows that findings rest on</a>
    </section>
  );
}

/** Settings derived from model and rows, and assumptions behind the total. */
function Assumed({ plan: { derived, assumptions } }: { readonly plan: ShownPlan }) {
  return (
    <details class="card">
      <summary>Assumptions of the total, and derived settings</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <div class="scrolls" role="region" aria-label="Assumptions and derived settings" tabIndex={0}>
        <table>
          <tbody>
            {derived.map(({ key, value, reason }) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td class="number">{numberText(value)}</td>
                <td>{reason}</td>
              </tr>
            ))}
            {assumptions.map(({ key, value, origin }) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td class="number">{value}</td>
                <td>{origin}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
