/** @file Actions on the selected runs: compare, tag, stop, delete. */
import { type Signal, useSignal } from "@preact/signals";
import { Dialog } from "../../components/dialog.tsx";
import { ask, type Body } from "../../data/api.ts";
import { countText } from "../../format.ts";
import { linkTo } from "../../location.ts";

type Change = Body<"/api/tunewise/v1/runs/change", "post">;
type Action = "tag" | "stop" | "delete" | "restore";

const questions: Readonly<Record<Action, string>> = {
  tag: "Set a tag of",
  stop: "Ask to save and stop:",
  delete: "Delete (they can be restored):",
  restore: "Restore:",
};

/** Buttons for the selected runs. */
export function Actions({
  selected,
  isDeleted,
  onDone,
}: {
  readonly selected: Signal<ReadonlySet<string>>;
  readonly isDeleted: boolean;
  readonly onDone: () => void;
}) {
  const asked = useSignal<Action | null>(null);
  const outcome = useSignal("");
  const ids = [...selected.value];
  const runs = countText(ids.length, "run");
  const carryOut = async (change: Change): Promise<void> => {
    asked.value = null;
    try {
      const { outcomes } = await ask("post", "/api/tunewise/v1/runs/change", { body: change });
      const failed = outcomes.filter(({ outcome: one }) => one === "not_found" || one === "ended");
      outcome.value =
        failed.length === 0
          ? `${runs}: done`
          : `${failed.length} of ${runs} ${failed[0]?.outcome === "ended" ? "had ended" : "are not there any more"}`;
      selected.value = new Set();
      onDone();
    } catch (error) {
      outcome.value = error instanceof Error ? error.message : String(error);
    }
  };
  const choose = (action: Action, text: string) => (
    <button
      type="button"
      disabled={ids.length === 0}
      onClick={() => {
        outcome.value = "";
        asked.value = action;
      }}
    >
      {text}
    </button>
  );
  return (
    <div class="row" role="toolbar" aria-label="Chosen runs">
      <span class="quiet" role="status">
        {ids.length > 0 && `${runs} chosen`}
        {ids.length > 0 && outcome.value !== "" && ": "}
        {outcome.value}
      </span>
      {ids.length > 1 && (
        <a class="button" href={linkTo(["compare"], { runs: ids.join(",") })}>
          Compare
        </a>
      )}
      {ids.length > 0 &&
        (isDeleted
          ? choose("restore", "Restore")
          : [choose("tag", "Tag"), choose("stop", "Stop"), choose("delete", "Delete")])}
      {asked.value !== null && (
        <Question
          action={asked.value}
          runs={runs}
          onClose={() => (asked.value = null)}
          onAnswer={(words) => void carryOut({ ids, action: asked.value as Action, ...words })}
        />
      )}
    </div>
  );
}

const answers: Readonly<Record<Action, string>> = {
  tag: "Set tag",
  stop: "Stop",
  delete: "Delete",
  restore: "Restore",
};

/** Asks for an action's inputs and a confirmation. */
function Question({
  action,
  runs,
  onClose,
  onAnswer,
}: {
  readonly action: Action;
  /** Number of runs as text. */
  readonly runs: string;
  readonly onClose: () => void;
  readonly onAnswer: (words: Readonly<Record<string, string>>) => void;
}) {
  return (
    <Dialog title={`${questions[action]} ${runs}`} onClose={onClose}>
      <form
        class="column"
        onSubmit={(event) => {
          event.preventDefault();
          const fields = new FormData(event.currentTarget);
          const words = Object.fromEntries(
            ["key", "value", "reason"].flatMap((name) => {
              const said = String(fields.get(name) ?? "");
              return said === "" ? [] : [[name, said]];
            }),
          );
          onAnswer(words);
        }}
      >
        {action === "tag" && (
          <>
            <label>
              Key <input name="key" required maxLength={250} />
            </label>
            <label>
              Value <input name="value" maxLength={5000} />
            </label>
          </>
        )}
        {action === "stop" && (
          <label>
            Reason <input name="reason" required maxLength={500} />
          </label>
        )}
        <button type="submit" class="primary">
          {answers[action]}
        </button>
      </form>
    </Dialog>
  );
}
