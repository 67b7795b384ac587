// A text as a picture that cameras read (QR code): drawn here, since what it says may be a secret.

import { useMemo } from "react";
import { encode } from "uqr";

/** Fields around it without which cameras do not find it. */
const BORDER = 4;

export function PictureCode({ text, label }: { text: string; label: string }) {
  const { size, data } = useMemo(() => encode(text, { ecc: "M", border: BORDER }), [text]);
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : []))).join("");
  // Dark on light in both themes: few cameras read the opposite.
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} width="208" height="208" shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark} fill="#000" />
    </svg>
  );
}
