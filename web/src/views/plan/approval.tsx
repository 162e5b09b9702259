/** @file Approving a plan: the sum is repeated by whoever starts its run. */
import { useSignal } from "@preact/signals";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";
import type { Recipe } from "../../components/recipe-choice.tsx";
import { ask } from "../../data/api.ts";
import { durationText } from "../../format.ts";
import { go, linkTo } from "../../location.ts";
import type { ShownPlan } from "./shown.ts";

interface ApprovalProps {
  readonly plan: ShownPlan;
  readonly recipe: Recipe;
  /** Whether the place that is shown is the one on which the page starts runs. */
  readonly isHere: boolean;
  /** Whether another plan is being made. */
  readonly isBusy: boolean;
}

/** What a run may take: the number to repeat, to the cent where it is whole cents, and how it reads. */
function sumOf({ micro_usd: microUsd, seconds }: ShownPlan["cap"]): {
  readonly number: string;
  readonly text: string;
} {
  if (microUsd !== null) {
    const number = microUsd % 10_000 === 0 ? (microUsd / 1e6).toFixed(2) : String(microUsd / 1e6);
    return { number, text: `$${number}` };
  }
  return { number: String((seconds ?? 0) / 60), text: durationText(seconds) };
}

/** The button, or why there is none. */
export function Approval({ plan, recipe, isHere, isBusy }: ApprovalProps) {
  const isAsking = useSignal(false);
  const { text } = sumOf(plan.cap);
  const elsewhere = isHere
    ? null
    : `The page starts runs on this machine; elsewhere: tunewise run ${recipe.path} --on PLACE`;
  const obstacle = plan.refusal ?? elsewhere;
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
          Approve and run at most {text} ...
        </button>
        <span>
          {obstacle ??
            (plan.cap.micro_usd === null
              ? "This machine has no price: the run is capped by time."
              : "One run on this machine; at the cap it saves and stops.")}
        </span>
      </div>
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

function Asking({
  plan,
  recipe,
  onClose,
}: {
  readonly plan: ShownPlan;
  readonly recipe: Recipe;
  readonly onClose: () => void;
}) {
  const typed = useSignal("");
  const failure = useSignal<Error | null>(null);
  const state = useSignal<"asking" | "starting" | "preparing">("asking");
  const { number, text } = sumOf(plan.cap);
  const repeated = typed.value.trim().replace(/^\$/, "");
  const isRepeated = repeated !== "" && Number(repeated) === Number(number);
  const start = async (): Promise<void> => {
    if (!isRepeated || state.value !== "asking") return;
    state.value = "starting";
    try {
      const { run } = await ask("post", "/api/tunewise/v1/recipes/{recipe}/runs", {
        params: { recipe: recipe.name },
        body: { plan: plan.id, micro_usd: plan.cap.micro_usd, seconds: plan.cap.seconds },
      });
      if (run === null) state.value = "preparing";
      else go(linkTo(["runs", run]));
    } catch (error) {
      [failure.value, state.value] = [error as Error, "asking"];
    }
  };
  return (
    <Dialog title={`Run ${recipe.name} for at most ${text}?`} onClose={onClose}>
      <form
        class="column"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <p>
          The run starts on this machine, is recorded in project {recipe.project_name}, and takes at most{" "}
          <strong>{text}</strong>. Approving it is written in the audit.
        </p>
        <label class="column">
          <span>
            Repeat the {plan.cap.micro_usd === null ? "minutes" : "dollars"}: {number}
          </span>
          <input
            inputMode="decimal"
            autocomplete="off"
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
        <Failure error={failure.value} />
        {state.value === "preparing" ? (
          <p role="status">
            It is being prepared. <a href={linkTo([])}>Runs</a> shows it as soon as it begins.
          </p>
        ) : (
          <button type="submit" class="primary" disabled={!isRepeated || state.value === "starting"}>
            {state.value === "starting" ? "Starting ..." : `Run at most ${text}`}
          </button>
        )}
      </form>
    </Dialog>
  );
}
