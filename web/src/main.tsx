/**
 * @file Entry point of the dashboard: navigation bar, the view named in the address, and the sign-in form if the server
 * requires it.
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import { type ComponentType, render } from "preact";
import { Shortcuts } from "./components/shortcuts.tsx";
import { isSignInNeeded } from "./data/api.ts";
import { loadMe, me, signOut } from "./data/me.ts";
import { linkTo, location } from "./location.ts";
import { Home } from "./views/home.tsx";
import { SignIn } from "./views/sign-in.tsx";

/** A view, loaded on first use. */
interface View {
  readonly title: string;
  readonly load: () => Promise<ComponentType>;
}

const runView: View = { title: "Run", load: async () => (await import("./views/run/run.tsx")).Run };

/** Views by the first part of the path, in the order of the navigation bar. */
const views: Readonly<Record<string, View>> = {
  "": { title: "Runs", load: async () => Home },
  compare: { title: "Compare", load: async () => (await import("./views/compare/compare.tsx")).Compare },
  decide: { title: "Decide", load: async () => (await import("./views/decide.tsx")).Decide },
  plan: { title: "Plan", load: async () => (await import("./views/plan/plan.tsx")).Plan },
  data: { title: "Data", load: async () => (await import("./views/data.tsx")).Data },
  money: { title: "Money", load: async () => (await import("./views/money.tsx")).Money },
  audit: { title: "Audit", load: async () => (await import("./views/audit.tsx")).Audit },
};

/** Views for admins; the server refuses their data to others. */
const adminViews: ReadonlySet<string> = new Set(["audit"]);

/** Name of the view for a path: `run` for a single run, otherwise the first part. */
function nameOf([first = "", id]: readonly string[]): string {
  if (first !== "runs") return first;
  return id === undefined ? "" : "run";
}

function viewOf(name: string): View | undefined {
  return name === "run" ? runView : views[name];
}

function Page() {
  const { path } = location.value;
  const name = nameOf(path);
  if (isSignInNeeded.value) return <SignIn />;
  return (
    <>
      <header class="bar">
        <a class="brand" href="#/">
          tunewise
        </a>
        <nav aria-label="Views">
          {Object.entries(views)
            .filter(([at]) => me.value?.isAdmin || !adminViews.has(at))
            .map(([at, { title }]) => (
              <a
                key={at}
                href={linkTo(at === "" ? [] : [at])}
                aria-current={at === name ? "page" : undefined}
              >
                {title}
              </a>
            ))}
        </nav>
        <span class="end">
          <Shortcuts />
          {me.value?.asksWho && (
            <>
              <span class="quiet">{me.value.name}</span>
              <button type="button" onClick={() => void signOut()}>
                Sign out
              </button>
            </>
          )}
        </span>
      </header>
      <Shown name={name} />
    </>
  );
}

/** Loads and renders the view with a name. */
function Shown({ name }: { readonly name: string }) {
  const shown = useSignal<{ readonly name: string; readonly View: ComponentType } | null>(null);
  useSignalEffect(() => {
    const asked = nameOf(location.value.path);
    document.title = `${viewOf(asked)?.title ?? "Not found"} - tunewise`;
    void viewOf(asked)
      ?.load()
      .then((View) => {
        shown.value = { name: asked, View };
      });
  });
  if (viewOf(name) === undefined)
    return (
      <main>
        <h1>There is no view {name}</h1>
        <a href="#/">Home</a>
      </main>
    );
  const { value } = shown;
  return value?.name === name ? <value.View /> : <main aria-busy="true" />;
}

void loadMe();
const root = document.getElementById("page");
if (root) render(<Page />, root);
