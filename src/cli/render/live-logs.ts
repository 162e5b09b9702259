/** @file What the team's servers have of a run, and the command that sends what they lack. */
import type { LiveLogEnd } from "../../app/train/index.ts";
import { shellWord } from "./next-command.ts";
import { plain } from "./place.ts";

/** W&B's own server, which its client takes where none is named. */
const wandbDefault = "https://api.wandb.ai";

/** What `--json` says of a server. */
export function liveDocument(run: string, store: string, end: LiveLogEnd): object {
  const { tracker, place, experiment, entity, reason } = end;
  const command = reason === null ? null : sendRest(run, store, end);
  return { tracker, place, experiment, entity, reason, send_rest: command };
}

/** The same in a line. */
export function liveText(run: string, store: string, end: LiveLogEnd): string {
  const place = plain(end.place);
  if (end.reason === null) return `logged to ${place}`;
  return `warning: ${place} does not have all of the run (${plain(end.reason)}): ${sendRest(run, store, end)}`;
}

/** @param store ` --store PLACE` where the runs lie elsewhere than a command looks; else `""` */
function sendRest(run: string, store: string, { tracker, place, experiment, entity }: LiveLogEnd): string {
  if (tracker === "mlflow") {
    const to = `-o ${shellWord(plain(place))} --experiment ${shellWord(plain(experiment))}`;
    return `tunewise store export mlflow ${run} ${to}${store}`;
  }
  const folder = `wandb-${run}`;
  const server = place === wandbDefault ? "" : `WANDB_BASE_URL=${shellWord(plain(place))} `;
  const names = `${entity === null ? "" : ` --entity ${shellWord(plain(entity))}`} --project ${shellWord(plain(experiment))}`;
  return (
    `tunewise store export wandb ${run} -o ${folder}${store} && ` +
    `${server}wandb sync${names} ${folder}/offline-run-*`
  );
}
