// The page's nonce, which the script's own element carries.

/** Only while the script itself runs, and where there is a page. */
export const own = globalThis.document?.currentScript as HTMLScriptElement | null | undefined;

export function pageNonce(script: typeof own): string | undefined {
  const element = script?.nonce ? script : document.querySelector<HTMLElement>("script[nonce]");
  return element?.nonce || undefined;
}
