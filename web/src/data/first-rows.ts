/** @file What can wait until the first rows are there: a page is judged by when it shows something. */

let tell: () => void = () => undefined;
const first = new Promise<void>((done) => {
  tell = done;
});

/** Says that rows are shown, or that there are none. */
export function firstRowsAreThere(): void {
  tell();
}

/** Waits for them. */
export function afterFirstRows(): Promise<void> {
  return first;
}
