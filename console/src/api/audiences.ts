// Audiences, as several screens ask for them and store them.

import { useAsked } from "../ui/asked";
import { api, held, type Schemas } from "./client";

export type Audience = Schemas["AudienceDocument"];

export const AUDIENCES = "audiences";
/** Whatever is asked anew once an audience has changed. */
export const DEPENDS = [AUDIENCES, "members", "versions", "uses", "standing"];

/** How often it is asked while history is asked for one of them. */
const WARMING_MS = 1500;

export const useAudiences = () =>
  useAsked([AUDIENCES], async (signal) => (await held(api.GET("/api/audiences", { signal }))).result, { refetchWarming: (all) => all.some((one) => one.enabled && one.state === "warming") && WARMING_MS });

/** Stores an audience, unless it is another than it was when it was read; its id. */
export async function putAudience(body: Schemas["AudiencePosted"], base: number | undefined): Promise<string> {
  const none = body.id ? { "If-Match": '"0"' } : {};
  const headers = base === undefined ? none : { "If-Match": `"${base}"` };
  return (await held(api.POST("/api/audiences", { body, headers }))).ids[0] ?? "";
}
