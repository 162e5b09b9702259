/** @file The CLI command that shows the same facts in a terminal. */
import { useSignal } from "@preact/signals";

/** A command with a copy button. */
export function Command({ text }: { readonly text: string }) {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    isCopied.value = true;
  };
  return (
    <footer class="command">
      <code>$ {text}</code>
      <button type="button" class="plain" onClick={() => void copy()}>
        {isCopied.value ? "Copied" : "Copy"}
      </button>
    </footer>
  );
}
