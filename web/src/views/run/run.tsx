/** @file A run: status and its cause, curves with guard messages, cost, plan, settings, data, answers, files. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Command } from "../../components/command.tsx";
import { Failure } from "../../components/failure.tsx";
import { ask } from "../../data/api.ts";
import { useRunChanges } from "../../data/changes.ts";
import type { Details } from "../../data/details.ts";
import { statusText } from "../../data/run-liveness.ts";
import { lookOf, swatchOf } from "../../data/run-looks.ts";
import { agoText, durationText, moneyText, timeText } from "../../format.ts";
import { changeFields, linkTo, location } from "../../location.ts";
import { Answers } from "./answers.tsx";
import { Console } from "./console.tsx";
import { Curves } from "./curves.tsx";
import { Facts } from "./facts.tsx";
import { Files } from "./files.tsx";
import { Ledger } from "./ledger.tsx";
import { Verdicts } from "./verdicts.tsx";

const parts = ["Overview", "Answers", "Files", "Console", "System", "Ledger"] as const;

/** The details of a run, reloaded when it changes. */
function useDetails(id: string) {
  const details = useSignal<Details | null>(null);
  const failure = useSignal<Error | null>(null);
  const load = async (signal: AbortSignal): Promise<void> => {
    try {
      details.value = await ask("get", "/api/tunewise/v1/runs/{id}/details", { params: { id }, signal });
      failure.value = null;
    } catch (error) {
      if (!signal.aborted) failure.value = error as Error;
    }
  };
  useEffect(() => {
    const controller = new AbortController();
    void load(controller.signal);
    return () => controller.abort();
  }, [id]);
  useRunChanges([id], 1_000, (_, signal) => void load(signal));
  return { run: details.value, failure: failure.value };
}

/** The page of a run. */
export function Run() {
  const { path, fields } = location.value;
  const id = path[1] ?? "";
  const { run, failure } = useDetails(id);
  const part = parts.find((name) => name.toLowerCase() === fields.get("part")) ?? "Overview";
  if (run === null || run.id !== id)
    return (
      <main aria-busy={failure === null}>
        <h1 class="hidden">Run {id}</h1>
        <Failure error={failure} />
      </main>
    );
  return (
    <>
      <main>
        <Head run={run} />
        <Failure error={failure} />
        <nav class="row tabs" aria-label="Parts of the run">
          {parts.map((name) => (
            <button
              key={name}
              type="button"
              aria-current={name === part ? "page" : undefined}
              onClick={() => changeFields({ part: name === "Overview" ? "" : name.toLowerCase() })}
            >
              {name}
            </button>
          ))}
        </nav>
        {part === "Overview" && (
          <>
            <Curves run={run} system={false} />
            <Verdicts run={run} />
            <Facts run={run} />
          </>
        )}
        {part === "Answers" && <Answers run={run} />}
        {part === "Files" && <Files run={run} />}
        {part === "Console" && <Console run={run} />}
        {part === "System" && <Curves run={run} system={true} />}
        {part === "Ledger" && <Ledger run={run} />}
      </main>
      <Command text={run.commands.show} />
    </>
  );
}

function Head({ run }: { readonly run: Details }) {
  const { name, id, status, stopped, headline, commands } = run;
  const isAtWork = status === "running" || status === "scheduled";
  return (
    <header class="column">
      <div class="row">
        <h1 {...swatchOf(lookOf(id))}>{name || id}</h1>
        <span class={`status ${status}`}>{statusText(status, run.seen_ms)}</span>
        {headline !== null && <strong>{headline}</strong>}
        <span class="quiet">
          {run.project_name} · {run.client}
          {run.person !== "" && ` · ${run.person}`} ·{" "}
          <span title={timeText(run.started_ms)}>started {agoText(run.started_ms)}</span> ·{" "}
          {durationText(run.seconds)}
        </span>
        <span class="row end">
          {isAtWork && <StopButton id={id} />}
          <a
            class="button"
            href={linkTo(["compare"], { runs: [id, ...(run.parent ? [run.parent.id] : [])].join(",") })}
          >
            Compare
            {run.parent && (run.parent.kind === "previous" ? " with the run before" : " with its parent")}
          </a>
        </span>
      </div>
      {run.own?.judgement && (
        <p>
          <strong>{run.own.judgement.title}.</strong> {run.own.judgement.sentence}
        </p>
      )}
      {stopped !== null && <p class="warn">{stopped.sentence}</p>}
      {run.repeats !== null && (
        <p class="warn">
          {run.repeats.sentence} The repetition cost {moneyText(run.spent_micro_usd)}.{" "}
          <a href={linkTo(["runs", run.repeats.id])}>{run.repeats.name || run.repeats.id}</a>
        </p>
      )}
      <Spent run={run} />
      {run.approved !== null && (
        <p class="quiet">
          Approved by {run.approved.person || "somebody on this machine"}, {timeText(run.approved.ms)}:{" "}
          {run.approved.detail}
        </p>
      )}
      <ul class="commands">
        {[commands.resume, commands.repeat].map(
          (text) =>
            text !== null && (
              <li key={text}>
                <code>$ {text}</code>
              </li>
            ),
        )}
      </ul>
    </header>
  );
}

/** The run's cost, next to its own cap and the shared budgets. */
function Spent({ run }: { readonly run: Details }) {
  const { budget } = run;
  const spent = moneyText(run.spent_micro_usd);
  const cap = budget.cap_micro_usd;
  return (
    <p class="row">
      <strong>{spent}</strong>
      {cap !== null && (
        <>
          <span>of {moneyText(cap)}</span>
          <progress
            value={Math.min(run.spent_micro_usd, cap)}
            max={Math.max(1, cap)}
            aria-label={`${spent} of ${moneyText(cap)} spent`}
          />
        </>
      )}
      {budget.cap_seconds !== null && (
        <span class="quiet">
          {durationText(run.seconds)} of {durationText(budget.cap_seconds)}
        </span>
      )}
      {budget.shared.map(({ project_name, period, micro_usd, spent_micro_usd }) => (
        <span key={`${project_name} ${period}`} class="quiet">
          {project_name ?? "all projects"}, {period}: {moneyText(spent_micro_usd)} of {moneyText(micro_usd)}
        </span>
      ))}
    </p>
  );
}

/** Asks the run to save and stop. */
function StopButton({ id }: { readonly id: string }) {
  const said = useSignal("");
  const stop = async (): Promise<void> => {
    try {
      const body = { reason: "asked for on the page" };
      await ask("post", "/api/tunewise/v1/runs/{id}/stop", { params: { id }, body });
      said.value = "asked to stop";
    } catch (error) {
      said.value = error instanceof Error ? error.message : String(error);
    }
  };
  return said.value === "" ? (
    <button type="button" onClick={() => void stop()}>
      Stop
    </button>
  ) : (
    <span role="status">{said.value}</span>
  );
}
