/** @file An error message and its fix. */
import { ApiError } from "../data/api.ts";

/** Shows an error; renders nothing if there is none. */
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
