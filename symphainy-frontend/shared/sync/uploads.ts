/** Files on their way to the server. XMLHttpRequest, because fetch does not say how much it has sent. */

import type { Environment } from "./environment";
import { ProblemError, problemFrom } from "./problem";
import type { SessionFile } from "./types";
import type { Upload } from "./view";

export interface UploadsOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly environment: Pick<Environment, "newUpload" | "newId">;
  readonly onChange: () => void;
}

interface Going {
  readonly files: readonly File[];
  readonly process: boolean;
  request: XMLHttpRequest | null;
  resolve: (files: readonly SessionFile[]) => void;
  reject: (problem: ProblemError) => void;
}

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #going = new Map<string, Going>();
  #list: readonly Upload[] = [];

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** In the order in which they began. The array is a new one after each change. */
  get list(): readonly Upload[] {
    return this.#list;
  }

  /** Resolves with the files as the server keeps them. Rejects with ProblemError, of code `aborted` if it was cancelled. */
  add(files: readonly File[], process: boolean): Promise<readonly SessionFile[]> {
    const upload_id = this.#options.environment.newId("upl");
    const names = files.map((file) => file.name);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    this.#set([...this.#list, { upload_id, names, size, sent: 0, status: "sending", problem: null }]);
    return this.#send(upload_id, files, process);
  }

  /** Sends a failed upload again. The server recognises files that it has already kept. */
  retry(uploadId: string): Promise<readonly SessionFile[]> {
    const held = this.#going.get(uploadId);
    if (held === undefined) return Promise.reject(ProblemError.aborted());
    this.#change(uploadId, { sent: 0, status: "sending", problem: null });
    return this.#send(uploadId, held.files, held.process);
  }

  /** Stops an upload that is going on, and forgets one that failed. */
  cancel(uploadId: string): void {
    const held = this.#going.get(uploadId);
    this.#forget(uploadId);
    held?.request?.abort();
    held?.reject(ProblemError.aborted());
  }

  close(): void {
    for (const uploadId of [...this.#going.keys()]) this.cancel(uploadId);
  }

  #send(uploadId: string, files: readonly File[], process: boolean): Promise<readonly SessionFile[]> {
    return new Promise((resolve, reject) => {
      const request = this.#options.environment.newUpload();
      this.#going.set(uploadId, { files, process, request, resolve, reject });
      request.open("POST", `${this.#options.url}?process=${process}`);
      request.responseType = "text";
      for (const [name, value] of Object.entries(this.#options.headers)) request.setRequestHeader(name, value);
      request.setRequestHeader("Idempotency-Key", uploadId);
      request.upload.onprogress = ({ loaded, total }) => this.#progress(uploadId, loaded, total);
      request.upload.onload = () => this.#change(uploadId, { status: "saving" });
      request.onload = () => this.#answered(uploadId, request);
      request.onerror = () => this.#failed(uploadId, ProblemError.unreachable(null));
      request.ontimeout = () => this.#failed(uploadId, ProblemError.unreachable(null));
      const form = new FormData();
      for (const file of files) form.append("files", file, file.name);
      request.send(form);
    });
  }

  #progress(uploadId: string, loaded: number, total: number): void {
    const size = this.#list.find((item) => item.upload_id === uploadId)?.size ?? 0;
    // The request is a little larger than the files in it.
    this.#change(uploadId, { sent: total > 0 ? Math.min(size, Math.round((size * loaded) / total)) : 0 });
  }

  #answered(uploadId: string, request: XMLHttpRequest): void {
    if (request.status < 200 || request.status >= 300) {
      const problem = problemFrom(request.responseText, request.status, request.getResponseHeader("Retry-After"));
      this.#failed(uploadId, problem);
      return;
    }
    let files: readonly SessionFile[];
    try {
      files = JSON.parse(request.responseText).files;
    } catch (cause) {
      this.#failed(uploadId, ProblemError.unreachable(cause));
      return;
    }
    const held = this.#going.get(uploadId);
    this.#forget(uploadId);
    held?.resolve(files);
  }

  #failed(uploadId: string, problem: ProblemError): void {
    const held = this.#going.get(uploadId);
    if (held === undefined) return;
    held.request = null;
    this.#change(uploadId, { status: "failed", problem });
    held.reject(problem);
  }

  #forget(uploadId: string): void {
    this.#going.delete(uploadId);
    this.#set(this.#list.filter((item) => item.upload_id !== uploadId));
  }

  #change(uploadId: string, change: Partial<Upload>): void {
    this.#set(this.#list.map((item) => (item.upload_id === uploadId ? { ...item, ...change } : item)));
  }

  #set(list: readonly Upload[]): void {
    this.#list = list;
    this.#options.onChange();
  }
}
