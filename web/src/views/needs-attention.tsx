/** @file Runs that need attention, with the reason and a button to mark them as seen. */
import { useSignal } from "@preact/signals";
import { ask, type Reply } from "../data/api.ts";
import { agoText, countText } from "../format.ts";
import { linkTo } from "../location.ts";

type Matters = Reply<"/api/tunewise/v1/home", "get">["matters"];

/** The list is expanded initially up to this number of runs. */
const maxOpen = 3;

/** A collapsible list; renders nothing if no run needs attention. */
export function Matters({ matters, onSeen }: { readonly matters: Matters; readonly onSeen: () => void }) {
  const failure = useSignal("");
  const { items, total } = matters;
  if (total === 0) return null;
  const dismiss = async (id: string, ms: number): Promise<void> => {
    try {
      await ask("post", "/api/tunewise/v1/runs/change", {
        body: { ids: [id], action: "tag", key: "tunewise.seen", value: String(ms) },
      });
      failure.value = "";
      onSeen();
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <details class="matters" open={total <= maxOpen}>
      <summary>Needs you: {countText(total, "run")}</summary>
      <ul>
        {items.map(({ id, name, kind, sentence, ms }) => (
          <li key={id}>
            <span class={kind === "failed" || kind === "finding" ? "bad" : "warn"}>{kind}</span>
            <a href={linkTo(["runs", id])}>{name || id}</a>
            <span>{sentence}</span>
            <span class="quiet">{agoText(ms)}</span>
            <button type="button" class="plain" onClick={() => void dismiss(id, ms)}>
              Seen<span class="hidden">: {name || id}</span>
            </button>
          </li>
        ))}
      </ul>
      {total > items.length && <p class="quiet">and {countText(total - items.length, "older one")}</p>}
      {failure.value !== "" && <p role="alert">{failure.value}</p>}
    </details>
  );
}
