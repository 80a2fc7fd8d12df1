/** A session that nobody named yet still needs something to be called by. */
export const titleOf = (session: { readonly title: string } | null): string =>
  session?.title.trim() || "Untitled session";
