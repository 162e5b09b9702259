/** @file The console output of a run, page by page, starting at the end. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Failure } from "../../components/failure.tsx";
import { ask, type Reply } from "../../data/api.ts";
import type { Details } from "../../data/details.ts";
import { countText } from "../../format.ts";
import { Shown } from "./facts.tsx";

const pageLines = 500;

/** The console; follows the end while the run is active. */
export function Console({ run }: { readonly run: Details }) {
  const from = useSignal<number | null>(null);
  const page = useSignal<Reply<"/api/tunewise/v1/runs/{id}/console", "get"> | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    const lines = async (start: number) =>
      ask("get", "/api/tunewise/v1/runs/{id}/console", {
        params: { id: run.id },
        query: { from: String(start), limit: String(pageLines) },
      });
    const load = async (): Promise<void> => {
      const start = from.value ?? 0;
      const found = await lines(start);
      const end = Math.max(0, found.total - pageLines);
      page.value = from.value === null && end > 0 ? await lines(end) : found;
    };
    load().catch((error: Error) => {
      failure.value = error;
    });
  }, [run.id, run.seen_ms, from.value]);
  const { value } = page;
  if (value === null) return <Failure error={failure.value} />;
  if (value.total === 0)
    return <p class="quiet">It printed nothing, or its client does not send what it prints.</p>;
  const first = value.lines[0]?.line ?? 0;
  return (
    <section class="column" aria-label="Console">
      <div class="row">
        <span>{countText(value.total, "line")}</span>
        <button
          type="button"
          disabled={first === 0}
          onClick={() => (from.value = Math.max(0, first - pageLines))}
        >
          Earlier
        </button>
        <button type="button" disabled={from.value === null} onClick={() => (from.value = null)}>
          End
        </button>
      </div>
      <pre class="card scrolls tall">
        {value.lines.map(({ line, ...text }) => (
          <div key={line}>
            <Shown text={text} />
          </div>
        ))}
      </pre>
    </section>
  );
}
