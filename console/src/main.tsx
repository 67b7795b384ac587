// The console begins here: who is it, then what do they want to see.

import { onlineManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./app/base.css";
import { Refused, Unreachable } from "./api/client";
import { line } from "./api/line";
import { Entry } from "./app/entry";
import { go } from "./app/router";
import { preferences } from "./app/preferences";
import { Shell } from "./app/shell";
import { follow } from "./app/theme";
import { useSession } from "./app/using";
import { fromProvider, withLink } from "./session/entering";
import { adopt, session } from "./session/session";

/** What the first start prints behind the address. */
const WELCOME = "#welcome=";
/** Refusals that asking again at once would not mend. */
const isFinal = (error: unknown) => error instanceof Refused && error.status < 500;

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, refetchOnWindowFocus: false, retry: (times, error) => error instanceof Unreachable || (times < 2 && !isFinal(error)) } },
});

/** Comes in by whatever way is open without being asked: the link, another tab, a provider's cookie. */
async function arrive(): Promise<unknown> {
  const link = location.hash.startsWith(WELCOME) ? location.hash.slice(WELCOME.length) : "";
  // The secret leaves the address at once: it must not be copied with it.
  if (link) history.replaceState(null, "", `${location.pathname}${location.search}`);
  await adopt();
  if (session.now()) return null;
  try {
    if (link) {
      await withLink(link);
      go({ to: "/welcome" }, true);
    } else await fromProvider();
    return null;
  } catch (error) {
    return error;
  }
}

function Console({ problem }: { problem: unknown }) {
  return useSession() ? <Shell /> : <Entry problem={problem} />;
}

follow();
session.listen(() => session.now() || (queries.clear(), preferences.forget()));
/** Nobody asks while Kith cannot be reached; whoever has asked waits, and goes on when it can. */
onlineManager.setEventListener((set) => line.listen(() => set(!line.downSince())));
const problem = await arrive();
let known = "";
/** The preferences of whoever signs in. */
function greet(): void {
  const email = session.now()?.email ?? "";
  if (email && email !== known) void preferences.load();
  known = email;
}
greet();
session.listen(greet);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}><Console problem={problem} /></QueryClientProvider>
    </StrictMode>,
  );
}
