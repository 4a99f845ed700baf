import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type OutputFile } from "esbuild";

/** The SDK as a page loads it: ES modules, what is not needed at once apart. */
export async function bundleSdk(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/sdk/index.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    splitting: true,
    platform: "browser",
    minify: true,
    write: false,
    outdir: "sdk",
    logLevel: "silent",
  });
  return outputFiles;
}

/** Serves an empty page with the SDK beside it, on loopback. */
export async function servePage(files: readonly OutputFile[]): Promise<{ server: Server; url: string }> {
  const byPath = new Map(files.map((file) => [`/${basename(file.path)}`, file.text]));
  const server = createServer(({ url = "/" }, response) => {
    const script = byPath.get(url);
    if (script !== undefined) response.setHeader("content-type", "text/javascript").end(script);
    else response.setHeader("content-type", "text/html").end("<!doctype html><title>SDK</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
