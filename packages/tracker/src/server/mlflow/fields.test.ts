/** Tests the errors for invalid fields. */
import { expect, test } from "vitest";
import { z } from "zod";
import { serveTest } from "../../../../../test/support/tracking-server.ts";
import { invalidField, text } from "./fields.ts";

test.each([
  ['{"name": 9.0}', "9.0"],
  ['{"name" :\n 9.50e1 }', "9.50e1"],
  ['{"name": -3}', "-3"],
  ['{"name": true}', "true"],
  ['{"name": ["9.0"]}', '["9.0"]'],
  ['{"tags": [{"name": 1.0}], "name": 2.0}', "2"], // the first `name` is another field's; the parsed number is quoted
])("%s is repeated as it was sent", async (body, said) => {
  const { url } = await serveTest();
  const response = await fetch(`${url}/api/2.0/mlflow/experiments/create`, { method: "POST", body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error_code: "INVALID_PARAMETER_VALUE",
    message: `Invalid value ${said} for parameter 'name' supplied`,
  });
});

test("a number that came without a body's text", () => {
  const [issue] = z.object({ name: text }).safeParse({ name: 9 }).error?.issues ?? [];
  const refused = invalidField(issue as z.core.$ZodIssue, { name: 9 });
  expect(refused.message).toBe("Invalid value 9 for parameter 'name' supplied");
});
