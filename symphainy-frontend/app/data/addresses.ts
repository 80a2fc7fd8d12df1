const of = (sessionId: string) => `/api/v1/sessions/${encodeURIComponent(sessionId)}`;

/** An artifact's bytes never change as long as the version is named. */
export function artifactUrl(
  sessionId: string,
  artifactId: string,
  { version, format }: { readonly version?: number; readonly format?: string } = {},
): string {
  const query = new URLSearchParams();
  if (version !== undefined) query.set("version", `${version}`);
  if (format !== undefined) query.set("format", format);
  const url = `${of(sessionId)}/artifacts/${encodeURIComponent(artifactId)}`;
  return query.size === 0 ? url : `${url}?${query}`;
}

/** The page of versions that ends with this one. */
export const versionsUrl = (sessionId: string, artifactId: string, last: number, limit: number): string =>
  `${of(sessionId)}/artifacts/${encodeURIComponent(artifactId)}/versions?before=${last + 1}&limit=${limit}`;

export const comparisonUrl = (sessionId: string, artifactId: string, from: number, to: number): string =>
  `${of(sessionId)}/artifacts/${encodeURIComponent(artifactId)}/comparison?from=${from}&to=${to}`;

export const contentUrl = (sessionId: string, fileId: string): string =>
  `${of(sessionId)}/files/${encodeURIComponent(fileId)}/content`;

export const stateUrl = (sessionId: string, stateId: string): string =>
  `${of(sessionId)}/states/${encodeURIComponent(stateId)}`;
