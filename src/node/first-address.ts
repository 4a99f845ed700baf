import type { Mesh } from "../mesh/index.ts";

/** Host and port of the first address that peers may dial; empty and 0 while there is none. */
export function firstAddressOf(mesh: Pick<Mesh, "addresses">): {
  readonly ip: string;
  readonly port: number;
} {
  const [address = ""] = mesh.addresses();
  const [, ip = "", port = "0"] = /^\/ip[46]\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? [];
  return { ip, port: Number(port) };
}
