/** The other half of the operations of a small run fails, one per run. */
import { testRuns } from "../support/faulty-runs.ts";

testRuns(1, 2);
