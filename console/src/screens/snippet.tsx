// How something is sent, with the source that there really is.

import { api, held, type Schemas } from "../api/client";
import { write } from "../api/json";
import { useSession } from "../app/using";
import { may } from "../session/session";
import { inShell } from "../ui/as-call";
import { Code } from "../ui/basics";
import { useAsked } from "../ui/asked";
import { sources as words } from "../words/screens";

export type Source = Schemas["SourceDocument"];

/** Sources, for those who may see them. */
export function useSources() {
  const roles = useSession()?.roles ?? [];
  return useAsked(["sources"], async (signal) => (await held(api.GET("/event-sources", { signal }))).result, { enabled: may(roles, ["admin", "developer"]) });
}

/** A text in a script of a page, which it does not end. */
const inScript = (text: string) => write(text).replaceAll("<", "\\u003c");

/** For a web page, without the half that lets calls be made before the script is there. */
export const forPage = (source: string) => `<script src="${location.origin}/tracker/kith.js"></script>
<script>
  kith.init({ url: "${location.origin}", source: ${inScript(source)} });
  kith.track("page-view");
</script>`;

export const forShell = (source: string, type = "page-view") =>
  `curl ${location.origin}/track \\\n  -H 'content-type: application/json' \\\n  -d ${inShell(write({ source: { id: source }, events: [{ type, properties: { page: "home" } }] }))}`;

/** The line for a shell, with the first source that takes it. */
export function SendLine() {
  const sources = useSources();
  const source = sources.data?.value.find((one) => one.enabled && one.type.includes("rest"));
  return source ? <Code label={words.shell} text={forShell(source.id)} /> : null;
}
