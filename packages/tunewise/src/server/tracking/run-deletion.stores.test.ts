/** @file Tests that the audit records deletions of runs by any protocol, on each database. */

import { readAudit } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { fillVault, grant, serveTeam } from "../../../../../test/support/team-server.ts";

const mlflow = "/api/2.0/mlflow";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  test.skipIf(!isThere)("who, what and how many, once for each request", async () => {
    const team = await serveTeam({ store: await make() });
    const vault = await fillVault(team);
    await grant(team, "wim", vault.project, "write");
    const { database } = team.context;
    const [before] = await readAudit(database, { limit: 1 });
    const done = async (status: number, work: Promise<{ readonly status: number }>): Promise<void> =>
      expect((await work).status).toBe(status);
    await done(200, team.ask("wim", "POST", `${mlflow}/runs/delete`, { run_id: vault.run }));
    await done(200, team.ask("wim", "POST", `${mlflow}/runs/restore`, { run_id: vault.run }));
    await done(200, team.ask("wim", "POST", `${mlflow}/runs/restore`, { run_id: vault.run })); // no effect
    const remove = "mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }";
    expect((await team.graphql("wim", remove, { id: vault.wandbRunId })).body.data.deleteRun.success).toBe(
      true,
    );
    const ids = [vault.run, vault.wandbRun];
    await done(200, team.ask("wim", "POST", "/api/tunewise/v1/runs/change", { ids, action: "restore" }));
    await done(200, team.ask("wim", "POST", "/api/tunewise/v1/runs/change", { ids, action: "delete" }));
    await done(200, team.ask("wim", "POST", "/api/tunewise/v1/runs/change", { ids, action: "restore" }));
    const experiment = { experiment_id: String(vault.project) };
    await done(200, team.ask("root", "POST", `${mlflow}/experiments/delete`, experiment));
    await done(200, team.ask("root", "POST", `${mlflow}/experiments/restore`, experiment));
    // refused requests are not recorded as deletions: eve may not delete anything
    await done(404, team.ask("eve", "POST", `${mlflow}/runs/delete`, { run_id: vault.run }));

    const lines = await readAudit(database, { limit: 20 });
    const since = lines.filter(({ sequence }) => sequence > (before?.sequence ?? 0)).reverse();
    expect(since.map(({ person, action, subject, detail }) => [person, action, subject, detail])).toEqual([
      ["wim", "runs-deleted", vault.run, "secret run"],
      ["wim", "runs-restored", vault.run, "secret run"],
      ["wim", "runs-deleted", vault.wandbRun, "secret"],
      ["wim", "runs-restored", vault.wandbRun, "secret"],
      ["wim", "runs-deleted", "2", `${vault.run}, ${vault.wandbRun}`],
      ["wim", "runs-restored", "2", `${vault.run}, ${vault.wandbRun}`],
      ["root", "projects-deleted", vault.name, "with 2 runs"],
      ["root", "projects-restored", vault.name, "with 2 runs"],
    ]);
  });
});
