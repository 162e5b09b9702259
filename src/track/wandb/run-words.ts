/** @file What is said about a run in words, by the names of tags. */
import type { Fact } from "../tracking/nouns.ts";
import { keepable } from "./loose-json.ts";

/** Words about a run; those that are `null` are not said. */
export interface RunWords {
  readonly group: string | null;
  readonly jobType: string | null;
  readonly notes: string | null;
  readonly host: string | null;
  readonly program: string | null;
  readonly commit: string | null;
  readonly sweep: string | null;
  readonly repo: string | null;
  readonly tags: readonly string[] | null;
}

/** The same as tags of the store. */
export function wandbTags({ tags, repo, jobType, ...words }: RunWords): Fact[] {
  const facts: Fact[] = [];
  for (const [name, value] of Object.entries({ ...words, job_type: jobType })) {
    if (value !== null) facts.push({ key: `wandb.${name}`, value: keepable(value) });
  }
  if (tags !== null) facts.push({ key: "wandb.tags", value: JSON.stringify(tags) });
  if (repo !== null) facts.push({ key: "wandb.repo", value: withoutSecrets(repo) });
  return facts;
}

/** Addresses of repositories carry passwords at times. */
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return keepable(address);
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") [url.username, url.password] = ["", ""];
  return url.href;
}
