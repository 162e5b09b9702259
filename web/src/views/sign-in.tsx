/** @file The sign-in form, shown if the server requires authentication. */
import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { signIn } from "../data/me.ts";

/** A form for a name and password, or for a token. */
export function SignIn() {
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [name, secret] = [String(fields.get("name")).trim(), String(fields.get("secret"))];
    isBusy.value = true;
    failure.value = "";
    try {
      await signIn(name === "" ? { token: secret } : { name, password: secret });
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    }
    isBusy.value = false;
  };
  return (
    <main>
      <form class="sign-in" onSubmit={(event) => void submit(event)}>
        <h1>Sign in to tunewise</h1>
        <p class="quiet">With your name and password, or with a token alone.</p>
        <label>
          Name
          <input name="name" autocomplete="username" maxLength={100} />
        </label>
        <label>
          Password or token
          <input name="secret" type="password" autocomplete="current-password" required maxLength={1000} />
        </label>
        <button type="submit" class="primary" disabled={isBusy.value}>
          Sign in
        </button>
        {failure.value !== "" && (
          <p role="alert" class="failure">
            {failure.value}
          </p>
        )}
        <p class="quiet">
          A token: <code>tunewise server token create NAME</code>
        </p>
      </form>
    </main>
  );
}
