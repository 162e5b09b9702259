/** @file A box that scrolls by itself, and takes the focus, so that the keyboard scrolls it too. */
import type { ComponentChildren } from "preact";

/** What is in it, and whether it may be as high as the window. */
export function Scroller({
  isTall = false,
  children,
}: {
  readonly isTall?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard reaches it in no other way
    <div class={isTall ? "scrolls tall" : "scrolls"} tabIndex={0}>
      {children}
    </div>
  );
}
