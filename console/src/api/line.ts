// Whether Kith can be reached. Once it cannot, nobody asks but one who tries it from time to time. Free of React.

/** How often it is tried. */
const TRY_MS = 4000;

let down: Date | null = null;
const listeners = new Set<() => void>();

function set(now: Date | null): void {
  down = now;
  listeners.forEach((listener) => listener());
}

async function tryIt(): Promise<void> {
  // The browser says itself that there is no network; asking would only fill its console.
  const answer = navigator.onLine && (await fetch("/health", { cache: "no-store" }).catch(() => null));
  if (answer) return set(null);
  setTimeout(() => void tryIt(), TRY_MS);
}

export const line = {
  downSince: () => down,
  listen: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)),
  /** Somebody has asked and nobody answered. */
  failed(): void {
    if (down) return;
    set(new Date());
    setTimeout(() => void tryIt(), TRY_MS);
  },
  /** Once it can be reached, which may be now. */
  up: (signal: AbortSignal) =>
    new Promise<void>((done) => {
      if (!down || signal.aborted) return done();
      const stop = line.listen(() => down || (stop(), done()));
      signal.addEventListener("abort", () => (stop(), done()), { once: true });
    }),
};

addEventListener("offline", () => line.failed());
