// Light, dark, or as the system has it; one of the preferences.

import { preferences } from "./preferences";

export type Theme = "system" | "light" | "dark";

const ORDER: readonly Theme[] = ["system", "light", "dark"];

export const theme = (): Theme => ORDER.find((one) => one === preferences.now().theme) ?? "system";

function show(): void {
  const chosen = theme();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

/** Follows the preferences from now on. */
export function follow(): void {
  show();
  preferences.listen(show);
}

export const nextTheme = (): void => preferences.set({ theme: ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length] ?? "system" });
