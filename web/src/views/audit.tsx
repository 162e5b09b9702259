/** @file The audit log, for admins: who did what, to what and when, and what was refused. */
import { useSignal } from "@preact/signals";
import { Command } from "../components/command.tsx";
import { Failure } from "../components/failure.tsx";
import { ask, type Reply } from "../data/api.ts";
import { useRequest } from "../data/use-request.ts";
import { timeText } from "../format.ts";
import { changeFields, location } from "../location.ts";

type Lines = Reply<"/api/tunewise/v1/audit", "get">["lines"];

const names = ["action", "person", "subject"] as const;

/** The view; its filters are in the address. */
export function Audit() {
  const { fields } = location.value;
  const asked = names.flatMap((name) => (fields.get(name) ? [[name, fields.get(name) ?? ""] as const] : []));
  const query = Object.fromEntries(asked);
  const words = asked.map(([name, value]) => ` --${name} ${value}`).join("");
  return (
    <>
      <main>
        <div class="row">
          <h1>Audit</h1>
          {names.map((name) => (
            <label key={name}>
              {name}{" "}
              <input
                type="search"
                value={fields.get(name) ?? ""}
                onChange={(event) => changeFields({ [name]: event.currentTarget.value.trim() })}
              />
            </label>
          ))}
        </div>
        <Found key={JSON.stringify(query)} query={query} />
      </main>
      <Command text={`tunewise server audit${words}`} />
    </>
  );
}

function Found({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const older = useSignal<Lines>([]);
  const next = useSignal<number | null | undefined>(undefined);
  const { value, failure } = useRequest(JSON.stringify(query), (signal) =>
    ask("get", "/api/tunewise/v1/audit", { query, signal }),
  );
  const before = next.value === undefined ? value?.next : next.value;
  const more = async (): Promise<void> => {
    const found = await ask("get", "/api/tunewise/v1/audit", { query: { ...query, before: String(before) } });
    older.value = [...older.value, ...found.lines];
    next.value = found.next;
  };
  const lines = [...(value?.lines ?? []), ...older.value];
  return (
    <>
      <Failure error={failure} />
      {value && lines.length === 0 && <p class="quiet">No line fits.</p>}
      {lines.length > 0 && (
        <div class="scrolls">
          <table>
            <thead>
              <tr>
                <th>when</th>
                <th>who</th>
                <th>what</th>
                <th>to</th>
                <th>detail</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ sequence, ms, person, action, subject, detail }) => (
                <tr key={sequence}>
                  <td>{timeText(ms)}</td>
                  <td>{person === "" ? <span class="quiet">not named</span> : person}</td>
                  <td class={action.endsWith("-refused") ? "warn" : ""}>{action}</td>
                  <td class="breaks">{subject}</td>
                  <td class="breaks">{detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {before != null && (
        <button type="button" onClick={() => void more()}>
          Older lines
        </button>
      )}
    </>
  );
}
