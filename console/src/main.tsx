// The console begins here: who is it, then what do they want to see.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./app/base.css";
import { Refused } from "./api/client";
import { Entry } from "./app/entry";
import { go } from "./app/router";
import { Shell } from "./app/shell";
import { show, theme } from "./app/theme";
import { useSession } from "./app/using";
import { fromProvider, withLink } from "./session/entering";
import { adopt, session } from "./session/session";

/** What the first start prints behind the address. */
const WELCOME = "#welcome=";
/** Refusals that asking again at once would not mend. */
const isFinal = (error: unknown) => error instanceof Refused && error.status < 500;

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, refetchOnWindowFocus: false, retry: (times, error) => times < 2 && !isFinal(error) } },
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

show(theme());
session.listen(() => session.now() || queries.clear());
const problem = await arrive();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}><Console problem={problem} /></QueryClientProvider>
    </StrictMode>,
  );
}
