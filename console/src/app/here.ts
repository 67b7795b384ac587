// Whether somebody is still where they began something.

import { useEffect, useRef } from "react";

/** What is done late must not move whoever has left meanwhile. */
export function useIsHere(): () => boolean {
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => void (isHere.current = false);
  }, []);
  return () => isHere.current;
}
