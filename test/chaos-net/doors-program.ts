import { connect, type Server, type Socket } from "node:net";

// Runs on a host. It is handed listening sockets of the test's own loopback, and joins each of their connections to
// one that it makes from its host. It adds nothing: where the host gets no answer, the test gets none.

type Asked = { readonly host: string; readonly port: number } | "renew";

const connections = new Set<Socket>();

process.on("message", (asked: Asked, listening) => {
  if (asked === "renew") {
    for (const outside of connections) outside.destroy();
    return;
  }
  const { host, port } = asked;
  (listening as Server).on("connection", (outside) => {
    const inside = connect({ host, port });
    inside.setNoDelay(true);
    outside.setNoDelay(true);
    outside.pipe(inside);
    inside.pipe(outside);
    connections.add(outside);
    outside.once("close", () => {
      connections.delete(outside);
      inside.destroy();
    });
    inside.once("close", () => outside.destroy());
    // What went wrong the other side sees by the close that follows.
    outside.on("error", () => {});
    inside.on("error", () => {});
  });
  process.send?.({ open: port });
});
process.once("disconnect", () => process.exit());
process.send?.({ ready: true });
