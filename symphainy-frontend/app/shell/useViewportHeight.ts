import { useEffect } from "react";

/** Where a keyboard covers the page instead of shrinking it, the layout still ends above the keyboard. */
export function useViewportHeight(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (!viewport) return;
    const measure = () => {
      const covered = window.innerHeight - viewport.height > 1 && viewport.scale === 1;
      if (covered) document.documentElement.style.setProperty("--viewport", `${viewport.height}px`);
      else document.documentElement.style.removeProperty("--viewport");
    };
    viewport.addEventListener("resize", measure);
    return () => viewport.removeEventListener("resize", measure);
  }, []);
}
