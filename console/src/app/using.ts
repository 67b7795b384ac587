// What React needs to know of what is free of it.

import { useSyncExternalStore } from "react";

import { line } from "../api/line";
import { may, session } from "../session/session";
import { preferences } from "./preferences";

export const useSession = () => useSyncExternalStore(session.listen, session.now);
/** Whether they may change what decides of everybody: rules, computed traits, audiences. */
export const useMayConfigure = () => may(useSession()?.roles ?? [], ["developer"]);
export const usePreferences = () => useSyncExternalStore(preferences.listen, preferences.now);
/** Since when Kith cannot be reached; null while it can. */
export const useDown = () => useSyncExternalStore(line.listen, line.downSince);
