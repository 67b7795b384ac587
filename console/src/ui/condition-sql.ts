// Filters of events as SQL has them; nothing where there is no filter, or before it is known.

import { api, held } from "../api/client";
import { useAsked } from "./asked";

type Filters = { from?: string; to?: string; type?: string; source?: string; session?: string; profile?: string; where?: string };

export function useConditionSql(filters: Filters, isWanted: boolean): string | undefined {
  const asked = useAsked(["condition", filters], async (signal) => (await held(api.GET("/api/events/condition", { params: { query: filters }, signal }))).sql, { enabled: isWanted });
  return isWanted && !asked.isPlaceholderData ? asked.data?.value : undefined;
}
