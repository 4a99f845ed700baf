import { CarBufferWriter } from "@ipld/car";
import { CarBlockIterator } from "@ipld/car/iterator";
import type { CID } from "multiformats/cid";
import { type Block, checkBlock } from "./block.ts";
import { blocksPerPackage, carBytes } from "./limits.ts";
import { type Checked, checked, type Refusal, refuse } from "./refusal.ts";

/** CARv1 (https://ipld.io/specs/transport/car/carv1/) with one root. */
export function writeCar(root: CID, blocks: readonly Block[]): Uint8Array {
  const size =
    CarBufferWriter.headerLength({ roots: [root] }) +
    blocks.reduce((sum, block) => sum + CarBufferWriter.blockLength(block), 0);
  const writer = CarBufferWriter.createWriter(new ArrayBuffer(size), { roots: [root] });
  for (const block of blocks) writer.write(block);
  return writer.close();
}

export interface CarContent {
  readonly roots: readonly CID[];
  /** By CID in base32; every one's hash has been checked. */
  readonly blocks: ReadonlyMap<string, Uint8Array>;
}

/** Reads a CAR and checks every block. Bytes and blocks are bounded; nothing is unfolded yet. */
export async function readCar(bytes: Uint8Array): Promise<Checked<CarContent>> {
  if (bytes.length > carBytes)
    return refused({ code: "OVER_LIMITS", message: `the CAR has more than ${carBytes} bytes` });
  const blocks = new Map<string, Uint8Array>();
  try {
    const iterator = await CarBlockIterator.fromBytes(bytes);
    if (iterator.version !== 1) return refused({ code: "MALFORMED_CAR", message: "only CARv1 is read" });
    let count = 0;
    for await (const block of iterator) {
      if (++count > blocksPerPackage)
        return refused({ code: "BLOCK_BOMB", message: `the CAR has more than ${blocksPerPackage} blocks` });
      const result = checked(() => checkBlock(block));
      if (!result.ok) return result;
      blocks.set(block.cid.toString(), block.bytes);
    }
    return { ok: true, value: { roots: await iterator.getRoots(), blocks } };
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 120) : "not readable";
    return refused({ code: "MALFORMED_CAR", message: `the CAR cannot be read: ${why}` });
  }
}

const refused = (refusal: Refusal) => ({ ok: false, refusal }) as const;

/** The only root of a CAR that nobody asked for by name. */
export function onlyRoot({ roots }: CarContent): CID {
  const [root] = roots;
  if (root === undefined || roots.length !== 1)
    return refuse("MALFORMED_CAR", `the CAR has ${roots.length} roots; an article's has one`);
  return root;
}
