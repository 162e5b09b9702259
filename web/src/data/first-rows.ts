/** @file Defers work until the first rows are shown, because perceived load time ends there. */

let tell: () => void = () => undefined;
const first = new Promise<void>((done) => {
  tell = done;
});

/** Signals that the first rows are shown, or that there are none. */
export function firstRowsAreThere(): void {
  tell();
}

/** Resolves once the first rows are shown. */
export function afterFirstRows(): Promise<void> {
  return first;
}
