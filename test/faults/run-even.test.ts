/** Every second operation of a small run fails, one per run. */
import { testRuns } from "../support/faulty-runs.ts";

testRuns(2, 2);
