import assert from "node:assert/strict";
import { encode as encodeCbor } from "@ipld/dag-cbor";
import { encode as encodeNode, prepare } from "@ipld/dag-pb";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { sha256, utf8 } from "../../../src/base/index.ts";
import { parseArticleId } from "../../../src/roles/indexer/content/article-id.ts";
import { type Block, blockOf, dagPbCodec, rawCodec } from "../../../src/roles/indexer/content/block.ts";
import { writeCar } from "../../../src/roles/indexer/content/car.ts";
import { buildPackage, mediaPath, readPackageCar } from "../../../src/roles/indexer/content/package.ts";
import type { Checked } from "../../../src/roles/indexer/content/refusal.ts";
import { buildTree } from "../../../src/roles/indexer/content/unixfs-build.ts";
import { encodeUnixfs, unixfsType } from "../../../src/roles/indexer/content/unixfs-node.ts";
import { articleSource, pngOf } from "../../support/articles.ts";

const codeOf = (result: Checked<unknown>) => (result.ok ? "taken" : result.refusal.code);

function built(changes: Parameters<typeof articleSource>[0] = {}) {
  const result = buildPackage(articleSource(changes));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** A package of any files: what an author of hostile packages can do. The manifest says the truth where not given. */
function packed(files: Record<string, Uint8Array>, manifest: object = {}): Uint8Array {
  const entries = Object.entries(files).map(([path, bytes]) => [
    path,
    {
      sha256: sha256(bytes),
      sizeBytes: bytes.length,
      ...(path.startsWith("media/") ? { alt: "a loaf" } : {}),
    },
  ]);
  const { title, language, author, tags, createdAt } = articleSource();
  const whole = { version: 1, title, language, author, tags, createdAt, files: Object.fromEntries(entries) };
  const crumpet = encodeCbor({ ...whole, ...manifest });
  const { root, blocks } = buildTree(new Map(Object.entries({ "crumpet.json": crumpet, ...files })));
  return writeCar(root, blocks);
}

const body = utf8("bread\n");
const link = ({ cid, bytes }: Block, name = "") => ({ Name: name, Hash: cid, Tsize: bytes.length });
const node = (
  type: number,
  links: ReturnType<typeof link>[],
  sizes: Partial<Parameters<typeof encodeUnixfs>[0]> = {},
) => blockOf(dagPbCodec, encodeNode(prepare({ Data: encodeUnixfs({ type, ...sizes }), Links: links })));

describe("an article package", () => {
  it("has the CIDs that other UnixFS builders give the same files", () => {
    // From ipfs-unixfs-importer 17 with raw leaves and chunks of 1 MiB.
    const files = new Map([
      ["body.md", utf8("hello world\n")],
      ["crumpet.json", Uint8Array.of(0xa0)],
      ["media/b.png", Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 251)],
      ["media/a.gif", utf8("GIF")],
    ]);
    assert.equal(
      buildTree(files).root.toString(),
      "bafybeihw5pmvupzriw4bzygpv2y2srfu73rnmekzs2imz6pdkbg3gla2rm",
    );
  });

  it("comes back from its CAR as it went in, and the same source gives the same CID", async () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 300 })
      .filter((value) => value.trim() !== "");
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.uint8Array({ maxLength: 3 }),
        fc.nat(2 ** 32),
        async (markdown, edges, createdAt) => {
          const images = [...new Set(edges)].map((edge) => ({ bytes: pngOf(edge + 1, 7), alt: "a loaf" }));
          const source = { markdown, images, createdAt };
          const [first, again] = [built(source), built(source)];
          assert.equal(first.cid, again.cid);
          assert.deepEqual(first.car, again.car);
          const read = await readPackageCar(first.car);
          assert.ok(read.ok);
          const { blocks: _, car: __, ...expected } = first;
          assert.deepEqual(read.value, expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is named by its CID or its digest, which stand for each other", () => {
    const { cid, digest } = built();
    assert.deepEqual(parseArticleId(cid), { cid, digest });
    assert.deepEqual(parseArticleId(digest), { cid, digest });
    for (const other of [
      "",
      "0x12",
      `${digest}00`,
      cid.slice(0, -1),
      "Qm",
      "z".repeat(400),
      CID.parse(cid).toV0().toString(),
    ])
      assert.equal(parseArticleId(other), undefined, other);
  });

  it("may differ in nothing from what the chain says of it", async () => {
    const { car } = built({ language: "en-us" });
    const read = async (published: Parameters<typeof readPackageCar>[2]) =>
      codeOf(await readPackageCar(car, undefined, published));
    assert.equal(
      await read({ language: "EN-US", author: `0x${"A1".repeat(20)}`, createdAt: 1_700_000_000 }),
      "taken",
    );
    assert.equal(await read({ language: "en" }), "LANGUAGE_MISMATCH");
    assert.equal(await read({ language: "??" }), "LANGUAGE_MISMATCH");
    assert.equal(await read({ author: `0x${"a2".repeat(20)}` }), "AUTHOR_MISMATCH");
    assert.equal(await read({ createdAt: 5 }), "TIME_MISMATCH");
  });
});

describe("a hostile package is refused with the reason", () => {
  const refusals: [string, string, () => Uint8Array | Promise<Uint8Array>][] = [
    [
      "bytes changed on the way",
      "BAD_HASH",
      () => {
        const { car } = built();
        const changed = car.slice();
        changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
        return changed;
      },
    ],
    [
      "a block left out",
      "MISSING_BLOCK",
      () => {
        const { cid, blocks } = built();
        return writeCar(CID.parse(cid), blocks.slice(0, -1));
      },
    ],
    ["a CAR cut short", "MALFORMED_CAR", () => built().car.slice(0, -5)],
    ["bytes that are no CAR", "MALFORMED_CAR", () => utf8("no CAR")],
    [
      "a section that claims to be huge",
      "MALFORMED_CAR",
      () => Uint8Array.of(...built().car.slice(0, 59), 0xff, 0xff, 0xff, 0xff, 0x7f),
    ],
    [
      "a CAR without root",
      "MALFORMED_CAR",
      () => {
        const header = encodeCbor({ version: 1, roots: [] });
        return Uint8Array.of(header.length, ...header);
      },
    ],
    ["a CAR that is too large", "OVER_LIMITS", () => new Uint8Array(4_300_000)],
    [
      "a content instead of a hash (identity CID)",
      "CID_NOT_ALLOWED",
      () => {
        const identity = { cid: CID.createV1(rawCodec, createDigest(0, body)), bytes: body };
        const root = node(unixfsType.directory, [link(identity, "body.md")]);
        return writeCar(root.cid, [root]);
      },
    ],
    [
      "an identity block in the CAR",
      "CID_NOT_ALLOWED",
      () => {
        const identity = { cid: CID.createV1(rawCodec, createDigest(0, body)), bytes: body };
        return writeCar(identity.cid, [identity]);
      },
    ],
    [
      "a root that is a file",
      "CID_NOT_ALLOWED",
      () => {
        const leaf = blockOf(rawCodec, body);
        return writeCar(leaf.cid, [leaf]);
      },
    ],
    [
      "a block of many links to one block",
      "BLOCK_BOMB",
      () => {
        const empty = blockOf(rawCodec, new Uint8Array());
        const sizes = Array.from({ length: 10_000 }, () => 0);
        const file = node(
          unixfsType.file,
          sizes.map(() => link(empty)),
          { blockSizes: sizes },
        );
        const root = node(unixfsType.directory, [link(file, "body.md")]);
        return writeCar(root.cid, [root, file, empty]);
      },
    ],
    [
      "blocks that double at every level",
      "OVER_LIMITS",
      () => {
        let below = blockOf(rawCodec, new Uint8Array(1_000_000));
        const blocks = [below];
        for (let size = 1_000_000; size < 64_000_000; size *= 2) {
          below = node(unixfsType.file, [link(below), link(below)], { blockSizes: [size, size] });
          blocks.push(below);
        }
        const root = node(unixfsType.directory, [link(below, "body.md")]);
        return writeCar(root.cid, [root, ...blocks]);
      },
    ],
    [
      "blocks nested without end",
      "BLOCK_BOMB",
      () => {
        let below = blockOf(rawCodec, body);
        const blocks = [below];
        for (let depth = 0; depth < 500; depth++) {
          below = node(unixfsType.file, [link(below)], { blockSizes: [body.length] });
          blocks.push(below);
        }
        const root = node(unixfsType.directory, [link(below, "body.md")]);
        return writeCar(root.cid, [root, ...blocks]);
      },
    ],
    [
      "too many blocks",
      "BLOCK_BOMB",
      () => {
        const blocks = Array.from({ length: 1_300 }, (_, index) => blockOf(rawCodec, utf8(`${index}`)));
        const root = node(unixfsType.directory, []);
        return writeCar(root.cid, [root, ...blocks]);
      },
    ],
    [
      "a block that is too large",
      "OVER_LIMITS",
      () => {
        const large = blockOf(rawCodec, new Uint8Array(2 * 1024 * 1024 + 1));
        return writeCar(node(unixfsType.directory, []).cid, [large]);
      },
    ],
    ["a name that leads out of the folder", "PATH_TRICK", () => packed({ "body.md": body, "..": body })],
    ["a name with a backslash", "PATH_TRICK", () => packed({ "body.md": body, "..\\x": body })],
    [
      "a name with a right-to-left override",
      "PATH_TRICK",
      () => packed({ "body.md": body, "gnp\u202e.md": body }),
    ],
    [
      "a name with a slash",
      "PATH_TRICK",
      () => {
        const leaf = blockOf(rawCodec, body);
        const root = node(unixfsType.directory, [link(leaf, "media/../body.md")]);
        return writeCar(root.cid, [root, leaf]);
      },
    ],
    [
      "the same name twice",
      "DUPLICATE_NAME",
      () => {
        const [one, other] = [blockOf(rawCodec, body), blockOf(rawCodec, utf8("other"))];
        const root = node(unixfsType.directory, [link(one, "body.md"), link(other, "body.md")]);
        return writeCar(root.cid, [root, one, other]);
      },
    ],
    ["a file that packages do not have", "UNKNOWN_FILE", () => packed({ "body.md": body, "run.sh": body })],
    [
      "a file that the manifest does not list",
      "UNKNOWN_FILE",
      () => packed({ "body.md": body }, { files: {} }),
    ],
    ["no body", "MISSING_FILE", () => packed({})],
    [
      "a listed file that is not there",
      "MISSING_FILE",
      () => packed({ "body.md": body }, { files: { "media/x.png": { sha256: sha256(body), sizeBytes: 1 } } }),
    ],
    [
      "another size than the manifest says",
      "MANIFEST_MISMATCH",
      () => packed({ "body.md": body }, { files: { "body.md": { sha256: sha256(body), sizeBytes: 1 } } }),
    ],
    [
      "a manifest that is no DAG-CBOR",
      "MALFORMED_MANIFEST",
      () => packed({ "body.md": body, "crumpet.json": utf8("{}") }),
    ],
    [
      "a manifest nested without end",
      "MALFORMED_MANIFEST",
      () => packed({ "body.md": body, "crumpet.json": new Uint8Array(60_000).fill(0x81) }),
    ],
    [
      "a manifest that claims a huge array",
      "MALFORMED_MANIFEST",
      () => packed({ "body.md": body, "crumpet.json": Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff) }),
    ],
    [
      "a manifest too large",
      "OVER_LIMITS",
      () => packed({ "body.md": body, "crumpet.json": new Uint8Array(70_000) }),
    ],
    ["an unknown field", "MALFORMED_MANIFEST", () => packed({ "body.md": body }, { script: "x" })],
    [
      "a title with a right-to-left override",
      "MALFORMED_MANIFEST",
      () => packed({ "body.md": body }, { title: "a\u202eb" }),
    ],
    ["a title of two lines", "MALFORMED_MANIFEST", () => packed({ "body.md": body }, { title: "a\nb" })],
    [
      "a language that is none",
      "MALFORMED_MANIFEST",
      () => packed({ "body.md": body }, { language: "not a tag" }),
    ],
    ["a tag with a space", "MALFORMED_MANIFEST", () => packed({ "body.md": body }, { tags: ["a b"] })],
    ["a body that is no UTF-8", "BAD_TEXT", () => packed({ "body.md": Uint8Array.of(0xff, 0xfe) })],
    ["an empty body", "BAD_TEXT", () => packed({ "body.md": utf8(" \n") })],
    ["a body too large", "OVER_LIMITS", () => packed({ "body.md": new Uint8Array(300_000).fill(0x61) })],
    [
      "an image too large",
      "OVER_LIMITS",
      () => packed({ "body.md": body, [`${mediaPath(pngOf(2561, 1))}`]: pngOf(2561, 1) }),
    ],
    [
      "an image under another hash",
      "BAD_HASH",
      () => packed({ "body.md": body, [`media/${"0".repeat(64)}.png`]: pngOf(1, 1) }),
    ],
    [
      "a script called an image",
      "BAD_IMAGE",
      () => {
        const script = utf8("<script>");
        return packed({
          "body.md": body,
          [`media/${Buffer.from(sha256(script)).toString("hex")}.png`]: script,
        });
      },
    ],
    [
      "an image of another type than its name",
      "BAD_IMAGE",
      () => {
        const path = `${mediaPath(pngOf(1, 1))}`.replace(".png", ".gif");
        return packed({ "body.md": body, [path]: pngOf(1, 1) });
      },
    ],
    [
      "too many images",
      "OVER_LIMITS",
      () => {
        const images = Array.from({ length: 11 }, (_, index) => pngOf(1, 1, index));
        return packed({
          "body.md": body,
          ...Object.fromEntries(images.map((image) => [mediaPath(image), image])),
        });
      },
    ],
    [
      "an image without alt text",
      "BAD_IMAGE",
      () => {
        const image = pngOf(1, 1);
        const files = { "body.md": body, [`${mediaPath(image)}`]: image };
        const entries = Object.entries(files).map(([path, bytes]) => [
          path,
          { sha256: sha256(bytes), sizeBytes: bytes.length },
        ]);
        return packed(files, { files: Object.fromEntries(entries) });
      },
    ],
  ];

  for (const [what, code, make] of refusals) {
    it(`${what}: ${code}`, async () => {
      assert.equal(codeOf(await readPackageCar(await make())), code);
    });
  }

  it("whatever bytes come, the answer is a value", async () => {
    const { car } = built({ images: [{ bytes: pngOf(5, 5), alt: "a loaf" }] });
    const flips = fc.array(fc.tuple(fc.nat(car.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const changed = car.slice();
        for (const [at, value] of changes) changed[at] = value;
        const result = await readPackageCar(changed);
        if (result.ok) assert.equal(result.value.cid, parseArticleId(result.value.cid)?.cid);
      }),
      { numRuns: 200 },
    );
  });

  it("an article of another name than asked for is not taken", async () => {
    const { cid, digest } = built({ title: "Another" });
    assert.equal(codeOf(await readPackageCar(built().car, { cid, digest })), "MISSING_BLOCK");
  });

  it("what would be refused is not built", () => {
    assert.equal(codeOf(buildPackage(articleSource({ title: "" }))), "MALFORMED_MANIFEST");
    assert.equal(codeOf(buildPackage(articleSource({ markdown: " " }))), "BAD_TEXT");
    const large = new Uint8Array(4_000_001);
    large.set(pngOf(1, 1));
    assert.equal(
      codeOf(buildPackage(articleSource({ images: [{ bytes: large, alt: "x" }] }))),
      "OVER_LIMITS",
    );
  });
});
