/** A real server for a test: its own process, port and data folder. It can be killed and started again on the same data. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PYTHON = process.env.PYTHON ?? "python3";
const SCRIPTED = fileURLToPath(new URL("scripted_server.py", import.meta.url));

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

export class TestServer {
  readonly url: string;
  readonly data: string;
  readonly #port: number;
  readonly #scripted: boolean;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(port: number, data: string, scripted: boolean) {
    this.#port = port;
    this.data = data;
    this.#scripted = scripted;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** `scripted`: answers come word by word from a scripted model, so that a test can act in the middle of one. */
  static async start({ scripted = false } = {}): Promise<TestServer> {
    const server = new TestServer(await freePort(), await mkdtemp(join(tmpdir(), "symphainy-e2e-")), scripted);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const where = ["--port", String(this.#port), "--data", this.data];
    const command = this.#scripted ? [SCRIPTED, ...where] : ["-m", "symphainy", "serve", ...where];
    this.#output = "";
    const child = spawn(PYTHON, command, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.#output += text));
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${this.#output}`);
      return (await fetch(`${this.url}/healthz`).catch(() => undefined))?.ok ?? false;
    }, "the server is up");
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill("SIGKILL");
    await rm(this.data, { recursive: true, force: true });
  }

  get output(): string {
    return this.#output;
  }
}

/** Waits for a condition, and says which one if it does not come true in time. */
export async function until(condition: () => Promise<boolean>, what: string, milliseconds = 20_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
