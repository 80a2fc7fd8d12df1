/** Files on their way to the server. XMLHttpRequest, because fetch does not say how much it has sent. */

import type { Cancel, Environment } from "./environment";
import { isUnanswered, ProblemError, problemFrom } from "./problem";
import type { SessionFile } from "./types";
import type { Upload } from "./view";

export interface UploadsOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly environment: Pick<Environment, "newUpload" | "newId" | "timers" | "online">;
  readonly onChange: () => void;
}

/** What becomes of the files: with `metadataOnly` the analysis keeps none of their values. */
export interface UploadChoice {
  readonly process: boolean;
  readonly metadataOnly: boolean;
}

interface Going {
  readonly files: readonly File[];
  readonly choice: UploadChoice;
  request: XMLHttpRequest | null;
  /** How often it was cut off in a row while there was a network. */
  cuts: number;
  cancelRetry: Cancel | null;
  resolve: (files: readonly SessionFile[]) => void;
  reject: (problem: ProblemError) => void;
}

/** An upload that is cut off so often may be one that the server does not let finish: the user decides. */
export const CUTS_ENDURED = 6;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;

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

  /**
   * Resolves with the files as the server keeps them. An upload that was cut off is sent again, with the same key. Rejects with
   * ProblemError, of code `aborted` if it was cancelled.
   */
  add(files: readonly File[], choice: UploadChoice): Promise<readonly SessionFile[]> {
    const upload_id = this.#options.environment.newId("upl");
    const names = files.map((file) => file.name);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    this.#set([...this.#list, { upload_id, names, size, sent: 0, status: "sending", problem: null }]);
    return this.#begin(upload_id, files, choice);
  }

  /** Sends a failed upload again. The server recognises files that it has already kept. */
  retry(uploadId: string): Promise<readonly SessionFile[]> {
    const held = this.#going.get(uploadId);
    if (held === undefined) return Promise.reject(ProblemError.aborted());
    return this.#begin(uploadId, held.files, held.choice);
  }

  /** The way to the server seems to be free: what waits is sent at once. */
  kick(): void {
    for (const [uploadId, held] of [...this.#going]) if (held.cancelRetry !== null) this.#send(uploadId, held);
  }

  /** Stops an upload that is going on, and forgets one that failed. */
  cancel(uploadId: string): void {
    const held = this.#going.get(uploadId);
    this.#forget(uploadId);
    held?.cancelRetry?.();
    held?.request?.abort();
    held?.reject(ProblemError.aborted());
  }

  close(): void {
    for (const uploadId of [...this.#going.keys()]) this.cancel(uploadId);
  }

  #begin(uploadId: string, files: readonly File[], choice: UploadChoice): Promise<readonly SessionFile[]> {
    return new Promise((resolve, reject) => {
      const going: Going = { files, choice, request: null, cuts: 0, cancelRetry: null, resolve, reject };
      this.#going.set(uploadId, going);
      this.#send(uploadId, going);
    });
  }

  #send(uploadId: string, going: Going): void {
    going.cancelRetry?.();
    going.cancelRetry = null;
    this.#change(uploadId, { sent: 0, status: "sending", problem: null });
    const request = this.#options.environment.newUpload();
    going.request = request;
    const { process, metadataOnly } = going.choice;
    request.open("POST", `${this.#options.url}?process=${process}${metadataOnly ? "&metadata_only=true" : ""}`);
    request.responseType = "text";
    for (const [name, value] of Object.entries(this.#options.headers)) request.setRequestHeader(name, value);
    request.setRequestHeader("Idempotency-Key", uploadId);
    request.upload.onprogress = ({ loaded, total }) => this.#progress(uploadId, loaded, total);
    request.upload.onload = () => this.#change(uploadId, { status: "saving" });
    request.onload = () => this.#answered(uploadId, request);
    request.onerror = () => this.#failed(uploadId, ProblemError.unreachable(null));
    request.ontimeout = () => this.#failed(uploadId, ProblemError.unreachable(null));
    const form = new FormData();
    for (const file of going.files) form.append("files", file, file.name);
    request.send(form);
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
    const { online, timers } = this.#options.environment;
    if (online()) held.cuts += 1;
    if (isUnanswered(problem) && held.cuts < CUTS_ENDURED) {
      const delay = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** held.cuts);
      held.cancelRetry = timers.after(Math.max(problem.retryAfterMs ?? 0, delay), () => this.#send(uploadId, held));
      this.#change(uploadId, { sent: 0, status: "waiting", problem });
      return;
    }
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
