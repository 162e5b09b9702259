/** @file The filter input, with completion of columns and values. */
import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { takeFilterFocus } from "../../components/shortcuts.tsx";
import { type Choice, choicesAt } from "./completion.ts";

/** An ARIA combobox. @source WAI-ARIA Authoring Practices, editable combobox with list */
export function FilterField({
  value,
  projects,
  onFilter,
}: {
  readonly value: string;
  /** Comma-separated project numbers; empty: all. */
  readonly projects: string;
  readonly onFilter: (filter: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => takeFilterFocus(input.current), []);
  const { choices, chosen, close, complete } = useChoices(input, projects);
  const take = ({ filter, caret }: Choice): void => {
    if (!input.current) return;
    input.current.value = filter;
    input.current.setSelectionRange(caret, caret);
    close();
  };
  const onKey = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const { length } = choices.value;
    if (event.key === "ArrowDown" && length === 0) void complete();
    else if (event.key === "ArrowDown") chosen.value = (chosen.value + 1) % length;
    else if (event.key === "ArrowUp" && length > 0) chosen.value = (chosen.value - 1 + length) % length;
    else if (event.key === "Escape") close();
    else if (event.key === "Enter") {
      const choice = choices.value[chosen.value];
      if (choice) take(choice);
      else {
        close();
        onFilter(event.currentTarget.value.trim());
      }
    } else return;
    event.preventDefault();
  };
  return (
    <div class="filter">
      <input
        ref={input}
        aria-label="Filter"
        role="combobox"
        aria-expanded={choices.value.length > 0}
        aria-controls="filter-choices"
        aria-autocomplete="list"
        aria-activedescendant={chosen.value >= 0 ? `filter-choice-${chosen.value}` : undefined}
        autocomplete="off"
        spellcheck={false}
        maxLength={20_000}
        placeholder={`params.rank = '8' and metrics.eval_loss < 0.6`}
        defaultValue={value}
        key={value}
        onInput={() => void complete()}
        onBlur={close}
        onKeyDown={onKey}
      />
      <Choices list={choices.value} chosen={chosen.value} onTake={take} />
    </div>
  );
}

/** Completions at the caret, and the highlighted one. */
function useChoices(input: { readonly current: HTMLInputElement | null }, projects: string) {
  const asked = useRef<AbortController | null>(null);
  const choices = useSignal<readonly Choice[]>([]);
  const chosen = useSignal(-1);
  const close = (): void => {
    asked.current?.abort();
    choices.value = [];
    chosen.value = -1;
  };
  const complete = async (): Promise<void> => {
    asked.current?.abort();
    const controller = new AbortController();
    asked.current = controller;
    const { value: text = "", selectionStart } = input.current ?? {};
    try {
      choices.value = await choicesAt(text, selectionStart ?? text.length, projects, controller.signal);
      chosen.value = -1;
    } catch {
      // Completions are optional: the filter can still be typed.
    }
  };
  return { choices, chosen, close, complete };
}

function Choices({
  list,
  chosen,
  onTake,
}: {
  readonly list: readonly Choice[];
  readonly chosen: number;
  readonly onTake: (choice: Choice) => void;
}) {
  return (
    <ul
      id="filter-choices"
      class="choices"
      role="listbox"
      aria-label="Completions"
      hidden={list.length === 0}
    >
      {list.map((choice, at) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles keys
        <li
          key={choice.text}
          id={`filter-choice-${at}`}
          role="option"
          aria-selected={at === chosen}
          onMouseDown={(event) => event.preventDefault()} // The input keeps the focus.
          onClick={() => onTake(choice)}
        >
          {choice.text}
          {choice.runs !== null && <span class="quiet">{choice.runs.toLocaleString("en-US")} runs</span>}
        </li>
      ))}
    </ul>
  );
}
