/** @file What went wrong, and what can be done. */
import { ApiError } from "../data/api.ts";

/** Nothing where nothing went wrong. */
export function Failure({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  const fix = error instanceof ApiError ? error.fix : "Is the server still running?";
  return (
    <p role="alert" class="failure">
      {error.message}
      {fix !== "" && <span class="quiet"> {fix}</span>}
    </p>
  );
}
