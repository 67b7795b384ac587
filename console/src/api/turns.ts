// Questions wait here for each other instead of being refused: a dashboard asks more at once than the server answers. Free of React.

/** At most so many at a time, in the order in which they came. */
export function turns(most: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  const next = () => {
    while (running < most) {
      const begin = waiting.shift();
      if (!begin) return;
      running += 1;
      begin();
    }
  };
  return async function take<T>(work: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
    await new Promise<void>((begin) => (waiting.push(begin), next()));
    try {
      // Whoever has given up meanwhile takes nobody's turn.
      signal?.throwIfAborted();
      return await work();
    } finally {
      running -= 1;
      next();
    }
  };
}

/** As many as one who looks may take of the four ready questions and the two of SQL that a server answers by itself. */
const ready = turns(3);
const written = turns(2);

const READY = /^\/api\/(events(?!\/live)|questions\/|people\/behind|profiles$|sessions|event-types|fields)/;

/** Fetches; a question waits for its turn. */
export function inTurn(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const ask = () => fetch(request);
  if (pathname === "/sql") return written(ask, request.signal);
  return READY.test(pathname) ? ready(ask, request.signal) : ask();
}
