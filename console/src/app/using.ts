// What React needs to know of what is free of it.

import { useSyncExternalStore } from "react";

import { line } from "../api/line";
import { may, session } from "../session/session";
import { OWN, type Screen } from "./menu";
import { preferences } from "./preferences";

export const useSession = () => useSyncExternalStore(session.listen, session.now);
/** Whether they must have one-time codes before anything but their own account opens. */
export const useLacksCodes = () => useSyncExternalStore(session.listen, session.lacksCodes);

/** Which screens open for them. */
export function useOpens(): (screen: Screen) => boolean {
  const roles = useSession()?.roles ?? [];
  const lacksCodes = useLacksCodes();
  return (screen) => may(roles, screen.roles) && (!lacksCodes || OWN.includes(screen.path));
}

/** Whether they may change what decides of everybody: rules, computed traits, audiences. */
export const useMayConfigure = () => may(useSession()?.roles ?? [], ["developer"]);
export const usePreferences = () => useSyncExternalStore(preferences.listen, preferences.now);
/** Since when Kith cannot be reached; null while it can. */
export const useDown = () => useSyncExternalStore(line.listen, line.downSince);
