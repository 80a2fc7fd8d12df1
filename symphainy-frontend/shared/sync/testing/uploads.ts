/** XMLHttpRequest in the hands of the test, as far as an upload uses it. */
export class FakeUpload {
  readonly upload: {
    onprogress: ((event: { loaded: number; total: number }) => void) | null;
    onload: (() => void) | null;
  } = {
    onprogress: null,
    onload: null,
  };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  ontimeout: (() => void) | null = null;
  responseType = "";
  responseText = "";
  status = 0;
  url = "";
  aborted = false;
  body: FormData | null = null;
  readonly headers: Record<string, string> = {};

  open(_method: string, url: string): void {
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  getResponseHeader(): string | null {
    return null;
  }

  send(body: FormData): void {
    this.body = body;
  }

  abort(): void {
    this.aborted = true;
  }

  answer(status: number, document: unknown): void {
    this.status = status;
    this.responseText = typeof document === "string" ? document : JSON.stringify(document);
    this.onload?.();
  }
}
