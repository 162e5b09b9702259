/** @file `tunewise explain CODE`: the catalog's own words on a problem. */
import { nearest, problem, problemCodes, problemKind } from "../../problem/index.ts";
import type { Call } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, exitCodes } from "../exit-codes.ts";
import { tableText, wrap } from "../render/table.ts";

/**
 * Explains one code, or lists all.
 *
 * @throws {TunewiseError} `USAGE_CODE_UNKNOWN`
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const [word] = call.words;
  if (word === undefined) return listCodes(console);
  const code = word.toUpperCase().replaceAll("-", "_");
  const kind = problemKind(code);
  if (kind === undefined) throw unknownCode(word, code);
  if (console.json) {
    console.document({
      code,
      title: kind.title,
      docs: kind.docs,
      exit_code: kind.exitCode,
      since: kind.since,
    });
    return DONE;
  }
  const meaning = exitCodes.find((row) => row.code === kind.exitCode)?.meaning ?? "";
  console.result(
    [
      `${console.paint.bold(code)}  ${kind.title}`,
      wrap(kind.docs, Math.min(console.columns, 100)).join("\n"),
      tableText(
        [{ head: "" }, { head: "" }],
        [
          ["exit code", `${kind.exitCode} (${meaning})`],
          ["since", kind.since],
        ],
      ),
    ].join("\n\n"),
  );
  return DONE;
}

function listCodes(console: Console): number {
  const codes = problemCodes();
  const titles = codes.map((code) => problemKind(code)?.title ?? "");
  if (console.json) console.document({ codes: codes.map((code, at) => ({ code, title: titles[at] })) });
  else
    console.result(
      tableText(
        [{ head: "code" }, { head: "title" }],
        codes.map((code, at) => [code, titles[at] ?? ""]),
      ),
    );
  return DONE;
}

function unknownCode(word: string, code: string): Error {
  const near = nearest(code, problemCodes());
  const fix = near ? `did you mean \`tunewise explain ${near}\`?` : "tunewise explain lists all codes";
  return problem("USAGE_CODE_UNKNOWN", { name: word, fix });
}
