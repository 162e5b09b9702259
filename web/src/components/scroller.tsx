/** @file A scrollable box that can be focused, so that the keyboard can scroll it. */
import type { ComponentChildren } from "preact";

/** Props: the content, and whether the box may be as high as the window. */
export function Scroller({
  isTall = false,
  children,
}: {
  readonly isTall?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: otherwise the keyboard could not scroll it
    <div class={isTall ? "scrolls tall" : "scrolls"} tabIndex={0}>
      {children}
    </div>
  );
}
