// What is true for the length of one run of the page's code is asked once in it.

let moment = 0;

/** What was asked so far is asked again: the script itself has changed it. */
export function newMoment(): void {
  moment++;
}

/**
 * The function, but it looks only once in each moment. Cookies and storage are slow, and a page may
 * call ten thousand times in a loop.
 */
export function perMoment<Value>(look: () => Value): () => Value {
  let seen = -1;
  let value: Value;
  return () => {
    if (seen !== moment) {
      queueMicrotask(newMoment);
      value = look();
      seen = moment;
    }
    return value;
  };
}
