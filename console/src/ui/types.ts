// Event types that were seen lately, to be suggested.

import { api, held } from "../api/client";
import { useWhen } from "../app/place";
import { useAsked } from "./asked";

export function useTypes(): string[] {
  const { params: { from, to } } = useWhen();
  const asked = useAsked(["types", from, to], async (signal) => (await held(api.GET("/api/event-types", { params: { query: { from, to } }, signal }))).result);
  return (asked.data?.value ?? []).map((row) => row.type);
}
