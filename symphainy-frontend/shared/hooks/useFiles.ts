import { useMemo } from "react";
import { useGlobalSession, useView } from "../session/context";
import type { Artifact, SessionFile } from "../sync/types";
import type { Upload, View } from "../sync/view";

export interface FilesState {
  /** Newest first. */
  readonly files: readonly SessionFile[];
  /** Newest first. */
  readonly artifacts: readonly Artifact[];
  /** On their way to the server, with progress. */
  readonly uploads: readonly Upload[];
  /** Resolves with the files as the server keeps them. Rejects with ProblemError (`aborted` if it was cancelled). */
  readonly upload: (
    files: readonly File[],
    options?: { readonly process?: boolean },
  ) => Promise<readonly SessionFile[]>;
  readonly retryUpload: (uploadId: string) => Promise<readonly SessionFile[]>;
  /** Stops an upload, or forgets one that failed. */
  readonly cancelUpload: (uploadId: string) => void;
  readonly deleteFile: (fileId: string) => Promise<void>;
  /** Where the browser downloads a file from. */
  readonly fileUrl: (fileId: string) => string;
  readonly artifactUrl: (artifactId: string) => string;
  readonly fetchArtifact: (artifactId: string, signal?: AbortSignal) => Promise<Response>;
}

const NO_FILES: Readonly<Record<string, SessionFile>> = {};
const NO_ARTIFACTS: Readonly<Record<string, Artifact>> = {};
const filesOf = (view: View) => view.session?.files ?? NO_FILES;
const artifactsOf = (view: View) => view.session?.artifacts ?? NO_ARTIFACTS;
const uploadsOf = (view: View) => view.uploads;

export function useFiles(): FilesState {
  const { client } = useGlobalSession();
  const files = useView(filesOf);
  const artifacts = useView(artifactsOf);
  const uploads = useView(uploadsOf);
  return useMemo(
    () => ({
      files: Object.values(files).reverse(),
      artifacts: Object.values(artifacts).reverse(),
      uploads,
      upload: (chosen, options) => client.uploadFiles(chosen, options),
      retryUpload: (uploadId) => client.retryUpload(uploadId),
      cancelUpload: (uploadId) => client.cancelUpload(uploadId),
      deleteFile: (fileId) => client.deleteFile(fileId),
      fileUrl: (fileId) => client.fileUrl(fileId),
      artifactUrl: (artifactId) => client.artifactUrl(artifactId),
      fetchArtifact: (artifactId, signal) => client.fetchArtifact(artifactId, signal),
    }),
    [client, files, artifacts, uploads],
  );
}
