import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

// The baseline: bytes over one libp2p stream. As a program it is the side that sends.

export const rawProtocol = "/bench/raw/1.0.0";
const chunkBytes = 256 * 1024;

function createPeer() {
  return createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
}

/** Reads so many bytes from the sender. Resolves with the seconds it took. */
export async function readRaw(address: string, bytes: number): Promise<number> {
  const peer = await createPeer();
  try {
    const connection = await peer.dial(multiaddr(address));
    const stream = await connection.newStream(rawProtocol);
    const startedMs = performance.now();
    stream.send(new TextEncoder().encode(String(bytes)));
    let read = 0;
    await new Promise<void>((resolve, reject) => {
      stream.addEventListener("message", (event) => {
        read += event.data.byteLength;
        if (read >= bytes) resolve();
      });
      stream.addEventListener("close", () => reject(new Error(`the stream ended after ${read} bytes`)));
    });
    return (performance.now() - startedMs) / 1000;
  } finally {
    await peer.stop();
  }
}

async function serve(): Promise<void> {
  const peer = await createPeer();
  const chunk = new Uint8Array(chunkBytes);
  await peer.handle(rawProtocol, (stream) => {
    stream.addEventListener("message", (event) => {
      void send(Number(new TextDecoder().decode(event.data.subarray())));
    });
    const send = async (bytes: number) => {
      for (let left = bytes; left > 0; left -= chunkBytes) {
        if (!stream.send(chunk.subarray(0, Math.min(left, chunkBytes)))) await stream.onDrain();
      }
    };
  });
  process.once("disconnect", () => process.exit());
  process.send?.({ ready: peer.getMultiaddrs().map(String) });
}

if (process.argv[2] === "serve") await serve();
