// Audiences, as several screens ask for them and store them.

import { useAsked } from "../ui/asked";
import { api, held, type Schemas, stored } from "./client";
import { basedOn } from "./tags";

export type Audience = Schemas["AudienceDocument"];

export const AUDIENCES = "audiences";
/** Whatever is asked anew once an audience has changed. */
export const DEPENDS = [AUDIENCES, "members", "versions", "uses", "standing"];

export const useAudiences = () =>
  useAsked([AUDIENCES], async (signal) => (await held(api.GET("/api/audiences", { signal }))).result, { refetchWarming: (all) => all.some((one) => one.enabled && (one.state === "warming" || one.progress)) });

/** Stores an audience, unless it is another than it was when it was read; its id. */
export async function putAudience(body: Schemas["AudiencePosted"], tag: string | undefined): Promise<string> {
  return (await stored(api.POST("/api/audiences", { body, headers: basedOn(tag) }))).id;
}
