// The page's nonce, which the script's own element carries.

/** Only while the script itself runs. */
export const own =
  typeof document === "undefined" ? null : (document.currentScript as HTMLScriptElement | null);

export function pageNonce(): string | undefined {
  const element = own?.nonce ? own : document.querySelector<HTMLElement>("script[nonce]");
  return element?.nonce || undefined;
}
