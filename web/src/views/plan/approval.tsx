/** @file Approves a plan: the user sets a cap for its run, and sees what the cap does not cover. */
import { useSignal } from "@preact/signals";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";
import type { Recipe } from "../../components/recipe-choice.tsx";
import { ask } from "../../data/api.ts";
import { durationText, fineMoneyText } from "../../format.ts";
import { go, linkTo } from "../../location.ts";
import { capFrom, capNumber, capText, clashOf, type RunCap } from "./cap.ts";
import type { ShownPlan } from "./shown.ts";

interface ApprovalProps {
  readonly plan: ShownPlan;
  readonly recipe: Recipe;
  /** Whether the displayed place is this machine, the only one where the dashboard starts runs. */
  readonly isHere: boolean;
  /** Whether another plan is being computed. */
  readonly isBusy: boolean;
}

/** The button to approve a plan, or the reason why it is disabled. */
export function Approval({ plan, recipe, isHere, isBusy }: ApprovalProps) {
  const isAsking = useSignal(false);
  const elsewhere = isHere
    ? null
    : `The page starts runs on this machine; elsewhere: tunewise run ${recipe.path} --on PLACE`;
  const obstacle = plan.refusal ?? elsewhere;
  const own = clashOf(plan, plan.recipe_cap);
  return (
    <section class="card approval">
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={obstacle !== null || isBusy}
          onClick={() => {
            isAsking.value = true;
          }}
        >
          Approve and run ...
        </button>
        <span>
          {obstacle ??
            (plan.cap.micro_usd === null
              ? "This machine has no price: the run is capped by time."
              : "One run on this machine; at the cap it saves and stops.")}
        </span>
      </div>
      {own !== null && <p class="warn">{`The recipe's cap is ${capText(plan.recipe_cap)}. ${own}`}</p>}
      {isAsking.value && (
        <Asking
          plan={plan}
          recipe={recipe}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </section>
  );
}

/** Starts one run of the plan. */
function useStart(plan: ShownPlan, recipe: Recipe) {
  const failure = useSignal<Error | null>(null);
  const state = useSignal<"asking" | "starting" | "preparing">("asking");
  const start = async (approved: RunCap | null): Promise<void> => {
    if (approved === null || state.value !== "asking") return;
    state.value = "starting";
    try {
      const { run } = await ask("post", "/api/tunewise/v1/recipes/{recipe}/runs", {
        params: { recipe: recipe.name },
        body: { plan: plan.id, ...approved },
      });
      if (run === null) state.value = "preparing";
      else go(linkTo(["runs", run]));
    } catch (error) {
      [failure.value, state.value] = [error as Error, "asking"];
    }
  };
  return { start, state, failure };
}

function Asking({
  plan,
  recipe,
  onClose,
}: {
  readonly plan: ShownPlan;
  readonly recipe: Recipe;
  readonly onClose: () => void;
}) {
  const isMoney = plan.cap.micro_usd !== null;
  const typed = useSignal(capNumber(plan.cap));
  const { start, state, failure } = useStart(plan, recipe);
  const cap = capFrom(typed.value, isMoney);
  const clash = cap && clashOf(plan, cap);
  return (
    <Dialog title={`Run ${recipe.name}`} onClose={onClose}>
      <form
        class="column"
        onSubmit={(event) => {
          event.preventDefault();
          void start(cap);
        }}
      >
        <p>
          The run starts on this machine and is recorded in project {recipe.project_name}. At the cap it saves
          and stops. The audit records who approved it, when, and for how much; the run's page shows it.
        </p>
        <Expected plan={plan} />
        <label class="column">
          <span>The run may take at most ({isMoney ? "dollars" : "minutes"})</span>
          <input
            inputMode="decimal"
            autocomplete="off"
            value={typed.value}
            aria-invalid={cap === null}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
        {cap === null && <p class="warn">Write a number above 0, such as {capNumber(plan.cap)}.</p>}
        {clash !== null && (
          <p class="warn" role="status">
            {clash}
          </p>
        )}
        <Failure error={failure.value} />
        {state.value === "preparing" ? (
          <p role="status">
            It is being prepared. <a href={linkTo([])}>Runs</a> shows it as soon as it begins.
          </p>
        ) : (
          <button type="submit" class="primary" disabled={cap === null || state.value === "starting"}>
            {state.value === "starting"
              ? "Starting ..."
              : `Run for at most ${cap === null ? "..." : capText(cap)}`}
          </button>
        )}
      </form>
    </Dialog>
  );
}

/** The plan's estimate for this machine, next to the input field. */
function Expected({ plan }: { readonly plan: ShownPlan }) {
  const [here] = plan.places;
  if (!here) return null;
  const { run_micro_usd: run, seconds, total } = here;
  return (
    <p class="quiet">
      {plan.cap.micro_usd === null
        ? seconds && `One run takes ${durationText(seconds.expected)}, at most ${durationText(seconds.high)}.`
        : `One run costs ${fineMoneyText(run.expected)}, at most ${fineMoneyText(run.high)}.`}
      {total !== null &&
        plan.cap.micro_usd !== null &&
        ` All of it, with its seeds and trials: P50 ${fineMoneyText(total.p50)}, P90 ${fineMoneyText(total.p90)}.`}
    </p>
  );
}
