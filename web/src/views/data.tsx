/**
 * @file The data of a recipe: findings with their rows, worst first; word-level differences of pairs; rows and tokens.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Command } from "../components/command.tsx";
import { Failure } from "../components/failure.tsx";
import { Severity } from "../components/findings.tsx";
import { RecipeChoice } from "../components/recipe-choice.tsx";
import { ask, type Reply } from "../data/api.ts";
import { agoText, countText, numberText } from "../format.ts";
import { linkTo } from "../location.ts";

type Check = Reply<"/api/tunewise/v1/recipes/{recipe}/check", "post">;
type Topic = Check["topics"][number];
type Row = Topic["subjects"][number]["rows"][number];

/** The view. */
export function Data() {
  const command = useSignal("tunewise check");
  return (
    <>
      <main>
        <RecipeChoice view="data" title="Data">
          {({ name }) => <Checked key={name} recipe={name} onCommand={(text) => (command.value = text)} />}
        </RecipeChoice>
      </main>
      <Command text={command.value} />
    </>
  );
}

function Checked({
  recipe,
  onCommand,
}: {
  readonly recipe: string;
  readonly onCommand: (text: string) => void;
}) {
  const found = useSignal<Check | null>(null);
  const failure = useSignal<Error | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    ask("post", "/api/tunewise/v1/recipes/{recipe}/check", {
      params: { recipe },
      body: {},
      signal: leaving.signal,
    })
      .then((check) => {
        found.value = check;
        onCommand(check.command);
      })
      .catch((error: Error) => {
        if (!leaving.signal.aborted) failure.value = error;
      });
    return () => leaving.abort();
  }, [recipe]);
  const check = found.value;
  const topics = check?.topics ?? [];
  const notes = topics.filter(({ severity }) => severity === "note");
  return (
    <>
      <Failure error={failure.value} />
      <p role="status" class="quiet">
        {check
          ? `Checked ${agoText(check.made_ms)}. Keys, card numbers and addresses in rows are masked.`
          : failure.value === null && "Checking: every row is read ..."}
      </p>
      {check && (
        <>
          <p>
            <strong class={check.ok ? "good" : "bad"}>
              {check.ok ? "Nothing keeps a run from starting." : "The data keep a run from starting."}
            </strong>{" "}
            {check.memory !== null && check.memory.rows > 0 && (
              <>
                Training has seen {numberText(check.memory.rows)} of {countText(check.memory.of, "test row")}{" "}
                in one form or another.{" "}
              </>
            )}
            <a href={linkTo(["plan", recipe])}>What it costs</a>
          </p>
          <Splits splits={check.splits} />
          {topics
            .filter(({ severity }) => severity !== "note")
            .map((topic) => (
              <TopicCard key={topic.code} topic={topic} />
            ))}
          {notes.length > 0 && (
            <details>
              <summary>{countText(notes.length, "note")}, none of which stands in the way</summary>
              <div class="column">
                {notes.map((topic) => (
                  <TopicCard key={topic.code} topic={topic} />
                ))}
              </div>
            </details>
          )}
        </>
      )}
    </>
  );
}

function Splits({ splits }: { readonly splits: Check["splits"] }) {
  return (
    <section class="card">
      <h2>Rows and tokens</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <div class="scrolls" role="region" aria-label="Rows and tokens by part" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>part</th>
              <th class="number">rows</th>
              <th class="number">tokens</th>
              <th class="number">with loss</th>
              <th class="number">median</th>
              <th class="number">longest</th>
              <th class="number">cut</th>
              <th class="number">left out</th>
            </tr>
          </thead>
          <tbody>
            {splits.map(({ name, statistics }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {[
                  ...[statistics.rows, statistics.tokens, statistics.labelled_tokens],
                  ...[statistics.total.p50, statistics.total.max],
                  ...[statistics.truncated, statistics.dropped + statistics.unusable],
                ].map((value, at) => (
                  <td key={at} class="number">
                    {numberText(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function TopicCard({
  topic: { code, title, severity, meaning, command, subjects },
}: {
  readonly topic: Topic;
}) {
  return (
    <section class="card finding">
      <h2>
        <Severity word={severity} /> {title}
      </h2>
      {meaning !== "" && <p class="quiet">{meaning}</p>}
      {subjects.map(({ sentences, fix, total, rows }, at) => (
        <div key={at} class="column">
          {sentences.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {rows.length > 0 && (
            <ul class="rows">
              {rows.map((row) => (
                <li key={`${row.place} ${row.reason}`}>
                  <RowText row={row} />
                </li>
              ))}
            </ul>
          )}
          {total > rows.length && (
            <p class="quiet">
              {countText(total - rows.length, "row")} more: <code>{command}</code>
            </p>
          )}
          {fix !== "" && <p>Fix: {fix}</p>}
        </div>
      ))}
      <code>{code}</code>
    </section>
  );
}

/** A row, next to the one that it repeats. */
function RowText({ row: { place, reason, prompt, answer, lines, other, parts } }: { readonly row: Row }) {
  return (
    <>
      <p>
        <code>{place}</code> {reason}
      </p>
      {lines.length > 0 && (
        <pre dir="auto">
          {lines.map(({ number, text, is_meant: isMeant }) => (
            <span key={number}>
              {String(number).padStart(4)} {isMeant ? <mark>{text}</mark> : text}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
      {lines.length === 0 && prompt + answer !== "" && (
        <div class="pair">
          <Side place={place} answer={answer}>
            {parts === null ? prompt : <Words parts={parts} own="missing" />}
          </Side>
          {other && (
            <Side place={other.place} answer={other.answer}>
              {parts === null ? other.prompt : <Words parts={parts} own="added" />}
            </Side>
          )}
        </div>
      )}
    </>
  );
}

function Side({
  place,
  answer,
  children,
}: {
  readonly place: string;
  readonly answer: string;
  readonly children: ComponentChildren;
}) {
  return (
    <blockquote>
      <span class="quiet">{place}</span>
      <pre dir="auto">{children}</pre>
      {answer !== "" && (
        <pre dir="auto" class="quiet">
          → {answer}
        </pre>
      )}
    </blockquote>
  );
}

/** The words of one side; those missing on the other side are highlighted. */
function Words({
  parts,
  own,
}: {
  readonly parts: NonNullable<Row["parts"]>;
  readonly own: "missing" | "added";
}) {
  return (
    <>
      {parts
        .filter(({ kind }) => kind === "same" || kind === own)
        .map(({ kind, text }, at) =>
          kind === "same" || text.trim() === "" ? text : <mark key={at}>{text}</mark>,
        )}
    </>
  );
}
