// Filters in the filter language. Free of React.

/** Two filters of the same events, of which either may be missing. */
export const both = (one: string | undefined, other: string | undefined): string | undefined => (one && other ? `(${one}) AND (${other})` : one || other || undefined);
