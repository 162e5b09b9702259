/** @file Keys for the whole page: to the filter, and what keys there are. They can be turned off, as WCAG 2.1.4 asks. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { go } from "../location.ts";
import { Dialog } from "./dialog.tsx";

const stored = "tunewise.shortcuts";
const isOn = signal(localStorage.getItem(stored) !== "off");
const isListed = signal(false);
/** Whether the filter is to have the focus once it is there. */
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

/** Gives the filter the focus if the key for it brought the view up; asked once, when the filter is drawn. */
export function takeFilterFocus(input: HTMLInputElement | null): void {
  if (isFilterAwaited) input?.focus();
  isFilterAwaited = false;
}

/** The button that lists the keys; listens to them as long as it is there. */
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
