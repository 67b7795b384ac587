// Requests that end.

/** Fetches and reads within a time. */
export async function timed<Result>(
  url: string,
  init: RequestInit,
  milliseconds: number,
  readIt: (response: Response) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), milliseconds);
  try {
    return await readIt(await fetch(url, { ...init, signal: stop.signal }));
  } finally {
    clearTimeout(timer);
  }
}
