/** @file Home. */
import { me } from "../data/me.ts";

/** What was spent, what needs somebody, and the runs. */
export function Home() {
  return (
    <main>
      <h1>{me.value?.projects.length} projects</h1>
    </main>
  );
}
