import { type ComponentType, createElement, type FunctionComponent, lazy, useState } from "react";

/** A component that is loaded apart. `load` fetches it before it is shown. */
export type Part<P> = FunctionComponent<P> & { readonly load: () => Promise<unknown> };

/**
 * As `lazy`, but what is loaded already is shown at once. React suspends a lazy component the first time in any case, and leaves the
 * fallback on the screen for 300 ms then.
 */
export function part<P extends object>(load: () => Promise<{ readonly default: ComponentType<P> }>): Part<P> {
  let loaded: ComponentType<P> | null = null;
  const loading = async () => {
    const module = await load();
    loaded = module.default;
    return module;
  };
  const Waiting: ComponentType<P> = lazy(loading);
  function Shown(props: P) {
    // chosen once: in place of another component it would begin anew
    const [Component] = useState(() => loaded ?? Waiting);
    return createElement(Component, props);
  }
  return Object.assign(Shown, { load: loading });
}
