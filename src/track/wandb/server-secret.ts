/** @file A secret that the servers of one store share. */
import type { Transaction } from "../database/database.ts";

/** The secret of a name; `fresh` becomes it where there is none. */
export async function keepServerSecret(
  transaction: Transaction,
  name: string,
  fresh: string,
): Promise<string> {
  await transaction.run(
    "INSERT INTO server_secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
    name,
    fresh,
  );
  const [row] = await transaction.all("SELECT secret FROM server_secrets WHERE name = ?", name);
  return String(row?.["secret"]);
}
