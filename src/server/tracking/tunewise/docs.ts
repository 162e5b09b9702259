/** @file What tunewise's own routes are for. */
import type { ProtocolDocs } from "../openapi/doc.ts";

/** See `ProtocolDocs`. */
export const tunewiseDocs: ProtocolDocs = {
  about: "Commands in a budget, what runs of any client cost, and the wish that one stops.",
  error: {
    type: "object",
    properties: {
      error: {
        type: "object",
        properties: {
          code: { type: "string", description: "as `tunewise explain` knows it" },
          message: { type: "string" },
          about: { type: "object", description: "the facts of the sentence" },
          fix: { type: "string" },
        },
        required: ["code", "message"],
      },
    },
  },
  shapes: {
    Group: "name! runs!:int microUsd!:int seconds!:number",
    Waste: "id! kind! microUsd!:int sentence!",
    Budget: "project:int projectName period! microUsd!:int spentMicroUsd!:int",
  },
  prefixes: ["/api/tunewise/v1"],
  routes: {
    "POST launches": {
      summary:
        "Notes a command down before it starts. 409 where the same one ran before, 403 where its budget is spent. `force` says why it shall run all the same.",
      reads:
        "id! command! host project person fingerprint family force price_micro_usd_per_hour!:int price_source! cap_micro_usd:int",
      gives: "id! similar warning",
      status: 201,
    },
    "POST launches/:id/readings": {
      summary:
        "What the command's meter says since its start; what is new of it goes into the ledger. Gives why the command is to stop.",
      reads: "micro_usd!:int metered_ms!:int ended",
      gives: "stop",
    },
    "GET runs/:id": {
      summary: "A run of any client: how it stands, what it cost. Times are milliseconds since 1970.",
      gives:
        "id! name! project!:int client! person! status! stage! started_ms!:int ended_ms:int seen_ms!:int fingerprint family spent_micro_usd!:int stop",
    },
    "GET runs/:id/stop": {
      summary: "Whether a run is to stop, for callbacks: the address in TUNEWISE_STOP_URL.",
      gives: "stop!:bool reason",
    },
    "POST runs/:id/stop": {
      summary: "Asks a run to save and stop; the first reason is kept.",
      reads: "reason",
      gives: "stop!:bool",
    },
    "POST runs/:id/charges": {
      summary:
        "Charges a run for what no meter sees, and gives what it has cost and why it is to stop. `kind` is tokens, storage or other, `source` the bill or price list with its date. A call that may be repeated says in `ms` when the charge was incurred: the same one counts once (then 200). The address in TUNEWISE_CHARGE_URL.",
      reads: "kind! micro_usd!:int quantity:number unit source! ms:int",
      gives: "spent_micro_usd!:int stop",
      status: 201,
    },
    "GET spend": {
      summary:
        "The ledger of the projects that may be read, summed by project, person, client, purpose, status, month, run or tag:KEY. Money is in millionths of a dollar.",
      reads: "by since until",
      gives: "by! microUsd!:int seconds!:number runs!:int groups!:Group[] purposes!:Group[] waste!:Waste[]",
    },
    "GET budgets": {
      summary: "Budgets of the projects that may be read, and what is spent of each.",
      gives: "budgets!:Budget[]",
    },
  },
};
