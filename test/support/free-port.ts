import { freePorts } from "../../src/devnet/free-ports.ts";

/** A TCP port on loopback that nobody listens on, and that no other test gets, not even one of another process. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
