/** @file `tunewise server token`: what lets clients in for their users. */
import { dropToken, listAllTokens, makeToken } from "../../app/tracking/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { fittedTable } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { accessRequest, actionWords } from "./access.ts";
import { hostOf } from "./surroundings.ts";

const usualDays = 365;
const nameLettersMost = 100;

/** Lists tokens, makes or revokes one. */
export async function handle(call: Call, console: Console): Promise<number> {
  if (call.words[0] === "create") return create(call, console);
  return call.words[0] === "revoke" ? revoke(call, console) : list(call, console);
}

async function create(call: Call, console: Console): Promise<number> {
  const [owner = ""] = actionWords(call, "USER");
  const name = plain(textFlag(call, "name") ?? "").slice(0, nameLettersMost);
  const days = numberFlag(call, "days") ?? usualDays;
  const { secret, expiresMs } = await makeToken(
    { ...accessRequest(call), owner, name, days },
    hostOf(console),
  );
  if (console.json) console.document({ token: secret, user: owner, expires_ms: expiresMs });
  else console.result(secret);
  console.info(`this is shown once; it lets ${plain(owner)} in until ${dayText(expiresMs)}`);
  console.info("next: MLFLOW_TRACKING_TOKEN=... or WANDB_API_KEY=..., with the token above");
  return DONE;
}

async function revoke(call: Call, console: Console): Promise<number> {
  const [prefix = ""] = actionWords(call, "TOKEN");
  const token = await dropToken({ ...accessRequest(call), prefix }, hostOf(console));
  if (console.json) console.document({ revoked: token.prefix, user: token.owner });
  else console.result(`revoked ${token.prefix}... of ${plain(token.owner)}`);
  return DONE;
}

async function list(call: Call, console: Console): Promise<number> {
  const owner = call.words[1] ?? null;
  const tokens = await listAllTokens({ ...accessRequest(call), owner }, hostOf(console));
  if (console.json) {
    console.document({
      tokens: tokens.map((token) => ({
        ...{ prefix: token.prefix, user: token.owner, name: token.name, created_ms: token.createdMs },
        ...{ expires_ms: token.expiresMs, revoked_ms: token.revokedMs, used_ms: token.usedMs },
      })),
    });
    return DONE;
  }
  const rows = tokens.map(({ prefix, owner: user, name, createdMs, expiresMs, revokedMs, usedMs }) => [
    ...[prefix, plain(user), plain(name), dayText(createdMs)],
    revokedMs === null ? dayText(expiresMs) : `revoked ${dayText(revokedMs)}`,
    dayText(usedMs),
  ]);
  const heads = ["token", "user", "for", "made", "ends", "last used"].map((head) => ({ head }));
  console.result(rows.length === 0 ? "no tokens" : fittedTable(heads, rows, console.tableColumns));
  return DONE;
}

function dayText(ms: number | null): string {
  return ms === null ? "never" : new Date(ms).toISOString().slice(0, 10);
}
