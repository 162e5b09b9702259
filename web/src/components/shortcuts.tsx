/**
 * @file Global keyboard shortcuts, and the list of all keys. Users can turn the shortcuts off, as WCAG 2.1.4 requires.
 */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { go } from "../location.ts";
import { Dialog } from "./dialog.tsx";

const stored = "tunewise.shortcuts";
const isOn = signal(localStorage.getItem(stored) !== "off");
const isListed = signal(false);
/** Whether the filter should take the focus once it is rendered. */
let isFilterAwaited = false;

const keys = [
  ["/", "to the filter of runs"],
  ["?", "this list"],
  ["Arrows, Page Up, Page Down, Home, End", "through the rows of a table"],
  ["Space, Shift with Space", "choose a row, or all rows up to it"],
  ["Enter", "open a row"],
  ["Alt with ← or →", "move a column, on its head"],
  ["Shift with a click on a head", "sort by one more column"],
] as const;

/** Focuses the filter if its shortcut opened the view. The filter calls this when it is mounted. */
export function takeFilterFocus(input: HTMLInputElement | null): void {
  if (isFilterAwaited) input?.focus();
  isFilterAwaited = false;
}

/** The button that lists the keys. The shortcuts work while it is mounted. */
export function Shortcuts() {
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <button type="button" class="plain" onClick={() => (isListed.value = true)}>
        Keys
      </button>
      {isListed.value && (
        <Dialog title="Keys" onClose={() => (isListed.value = false)}>
          <table>
            <tbody>
              {keys.map(([key, does]) => (
                <tr key={key}>
                  <th scope="row">
                    <kbd>{key}</kbd>
                  </th>
                  <td>{does}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <label class="row">
            <input
              type="checkbox"
              checked={isOn.value}
              onChange={(event) => {
                isOn.value = event.currentTarget.checked;
                localStorage.setItem(stored, isOn.value ? "on" : "off");
              }}
            />
            / and ? work on the whole page
          </label>
        </Dialog>
      )}
    </>
  );
}

function onKey(event: KeyboardEvent): void {
  const isTyped = (event.target as HTMLElement).closest("input, textarea, select, dialog, [contenteditable]");
  if (!isOn.value || isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?") isListed.value = true;
  else if (event.key === "/") toFilter();
  else return;
  event.preventDefault();
}

function toFilter(): void {
  const filter = document.querySelector<HTMLInputElement>('[aria-label="Filter"]');
  if (filter) filter.focus();
  else {
    isFilterAwaited = true;
    go("#/");
  }
}
