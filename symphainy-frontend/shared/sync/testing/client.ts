import { SessionClient } from "../client";
import { FakeWorld } from "./environment";

/** A tab in which a session is open. */
export async function open(world = new FakeWorld(), wanted: string | null = null) {
  const client = new SessionClient({ environment: world.environment() });
  const started = client.start(wanted);
  await world.frame();
  return { world, client, server: world.server, sessionId: await started };
}
