// When the page's elements are there.

export function documentReady(): Promise<void> {
  return new Promise((resolve) => {
    if (document.readyState !== "loading") return resolve();
    addEventListener("DOMContentLoaded", resolve as () => void, true);
  });
}
