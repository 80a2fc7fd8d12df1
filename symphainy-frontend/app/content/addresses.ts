const of = (sessionId: string) => `/api/v1/sessions/${encodeURIComponent(sessionId)}`;

export const artifactUrl = (sessionId: string, artifactId: string): string =>
  `${of(sessionId)}/artifacts/${encodeURIComponent(artifactId)}`;

export const contentUrl = (sessionId: string, fileId: string): string =>
  `${of(sessionId)}/files/${encodeURIComponent(fileId)}/content`;

export const stateUrl = (sessionId: string, stateId: string): string =>
  `${of(sessionId)}/states/${encodeURIComponent(stateId)}`;
