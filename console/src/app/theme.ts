// Light, dark, or as the system has it; kept in this browser.

export type Theme = "system" | "light" | "dark";

const KEY = "kith.theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];

export const theme = (): Theme => ORDER.find((one) => one === localStorage.getItem(KEY)) ?? "system";

export function show(chosen: Theme): void {
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function nextTheme(now: Theme): Theme {
  const next = ORDER[(ORDER.indexOf(now) + 1) % ORDER.length] ?? "system";
  localStorage.setItem(KEY, next);
  show(next);
  return next;
}
