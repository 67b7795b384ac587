// Whatever goes wrong in here must not become the page's problem.

/** A word to the page's developer. */
export function warn(...what: unknown[]): void {
  console.warn("kith:", ...what);
}

/** The result, or nothing when there is an error, which is told to the console. */
export function attempt<Result>(call: () => Result, onError = warn): Result | undefined {
  try {
    return call();
  } catch (error) {
    onError(error);
    return undefined;
  }
}

/** The result, or nothing: for what the browser may refuse or not have. */
export function possibly<Result>(call: () => Result): Result | undefined {
  return attempt(call, () => undefined);
}

/** The function, but it never throws: it returns nothing instead. */
export function guarded<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
): (...args: Args) => Result | undefined {
  return (...args) => attempt(() => call(...args));
}
