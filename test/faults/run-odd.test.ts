/** Every other operation of a small run fails, one in each run. */
import { testRuns } from "../support/faulty-runs.ts";

testRuns(1, 2);
