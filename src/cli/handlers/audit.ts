/** @file `tunewise server audit`: who changed what, and who forced what. */
import { listAudit } from "../../app/tracking/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { accessRequest } from "./access.ts";
import { hostOf } from "./surroundings.ts";

const usualLimit = 50;

/** Lists lines, newest first. */
export async function handle(call: Call, console: Console): Promise<number> {
  const given = (name: string): Record<string, string> => {
    const value = textFlag(call, name);
    return value === null ? {} : { [name]: value };
  };
  const words = Object.assign({}, ...["action", "person", "subject", "since", "until"].map(given));
  const limit = numberFlag(call, "limit") ?? usualLimit;
  const lines = await listAudit({ ...accessRequest(call), ...words, limit }, hostOf(console));
  if (console.json) {
    console.document({ lines });
    return DONE;
  }
  const rows = lines.map(({ ms, person, action, subject, detail }) => [
    new Date(ms).toISOString().slice(0, 19).replace("T", " "),
    ...[person, action, subject, detail].map(plain),
  ]);
  const heads = ["when (UTC)", "who", "what", "to", ""].map((head) => ({ head }));
  console.result(rows.length === 0 ? "nothing is on record" : fittedTable(heads, rows, console.tableColumns));
  return DONE;
}
