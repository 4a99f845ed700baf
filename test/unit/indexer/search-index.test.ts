import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { sha256 } from "../../../src/base/index.ts";
import { articleIdOfDigest } from "../../../src/roles/indexer/content/article-id.ts";
import type { ArticleEntry, IndexChange } from "../../../src/roles/indexer/index/index-changes.ts";
import { IndexReader } from "../../../src/roles/indexer/index/index-reader.ts";
import { IndexWriter } from "../../../src/roles/indexer/index/index-writer.ts";
import { parseQuery } from "../../../src/roles/indexer/index/query.ts";
import type { SearchRequest, SortOrder } from "../../../src/roles/indexer/index/search-query.ts";
import { trendKey, trendValue } from "../../../src/roles/indexer/index/trend.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const languages = ["en", "de", "zh", "ar"];
const walletOf = (number: number) => `0x${number.toString(16).padStart(40, "0")}`;
const cidOf = (name: string) => articleIdOfDigest(sha256(name)).cid;

const entryOf = (name: string, changes: Partial<ArticleEntry> = {}, scoreNet = 0): ArticleEntry => ({
  cid: cidOf(name),
  lang: "en",
  author: walletOf(1),
  title: name,
  tags: [],
  text: "",
  excerpt: name,
  createdAt: 1_700_000_000,
  standing: { scoreNet, status: "normal", disputeCount: 0 },
  ...changes,
});
const put = (article: ArticleEntry): IndexChange => ({ type: "put", article });

describe("the search index", () => {
  const folder = tempFolder();
  let writer: IndexWriter;
  let reader: IndexReader;
  let number = 0;

  beforeEach(async () => {
    const path = join(folder.path, `${number++}.db`);
    writer = await IndexWriter.open(path, languages);
    reader = await IndexReader.open(path, languages);
  });
  afterEach(() => {
    reader.close();
    writer.close();
  });
  after(() => folder.remove());

  const search = (request: Partial<SearchRequest>) =>
    reader.search({ sort: "top", from: 0, size: 20, ...request });
  const titles = (request: Partial<SearchRequest>) => search(request).items.map(({ title }) => title);

  it("finds articles by stems in title, tags and text, all words of a query together", () => {
    writer.apply([
      put(entryOf("Baking", { text: "How breads rise, and why the crusts crack" })),
      put(entryOf("Rising breads")),
      put(entryOf("Tagged", { tags: ["bread"] })),
      put(entryOf("Cheese", { text: "Nothing to rise here" })),
    ]);
    assert.deepEqual(titles({ q: "bread" }).sort(), ["Baking", "Rising breads", "Tagged"]);
    assert.deepEqual(titles({ q: "rise bread" }).sort(), ["Baking", "Rising breads"]);
    assert.deepEqual(titles({ q: "the crust" }), ["Baking"]);
    assert.deepEqual(titles({ q: "unknown" }), []);
  });

  it("takes a quoted phrase in its order, stop words included", () => {
    writer.apply([
      put(entryOf("one", { text: "the bank of England" })),
      put(entryOf("two", { text: "England has a bank" })),
    ]);
    assert.deepEqual(titles({ q: '"bank of england"' }), ["one"]);
    assert.deepEqual(titles({ q: "bank england" }).length, 2);
    assert.deepEqual(titles({ q: '"england bank"' }), []);
    assert.deepEqual(titles({ q: "of the" }), ["one"]);
  });

  it("finds text in scripts without spaces", () => {
    writer.apply([
      put(entryOf("面包", { lang: "zh-Hans", text: "我们喜欢新鲜面包。" })),
      put(entryOf("كتب", { lang: "ar", text: "المكتبات العامة" })),
    ]);
    assert.deepEqual(titles({ q: "新鲜面包" }), ["面包"]);
    assert.deepEqual(titles({ q: "مكتبة", lang: "ar" }), ["كتب"]);
  });

  it("searches the language asked for with its regions, or all", () => {
    writer.apply([
      put(entryOf("plain", { lang: "en", text: "bread" })),
      put(entryOf("american", { lang: "en-US", text: "bread" })),
      put(entryOf("german", { lang: "de", text: "bread" })),
    ]);
    assert.deepEqual(titles({ q: "bread", lang: "en" }).sort(), ["american", "plain"]);
    assert.deepEqual(titles({ q: "bread", lang: "en-US" }), ["american"]);
    assert.deepEqual(titles({ q: "bread" }).length, 3);
    assert.deepEqual(search({ q: "bread", lang: "fr" }), { total: 0, items: [] });
    assert.deepEqual(titles({ lang: "en" }).length, 2);
  });

  it("filters by author, tags, status and time, in the query or beside it", () => {
    const createdAt = 1_700_000_500;
    const standing = { scoreNet: 0, status: "under_dispute", disputeCount: 2 } as const;
    writer.apply([
      put(entryOf("a", { text: "bread", author: walletOf(10), tags: ["food", "œuf"] })),
      put(entryOf("b", { text: "bread", tags: ["food"], createdAt, standing })),
    ]);
    assert.deepEqual(titles({ q: `author:${walletOf(10).toUpperCase().replace("0X", "0x")} bread` }), ["a"]);
    assert.deepEqual(titles({ q: "bread", author: walletOf(1) }), ["b"]);
    assert.deepEqual(titles({ q: "tag:FOOD tag:œuf" }), ["a"]);
    assert.deepEqual(titles({ q: "tag:food" }).length, 2);
    assert.deepEqual(titles({ q: "bread", tags: ["food", "œuf"] }), ["a"]);
    assert.deepEqual(titles({ q: "bread", status: "under_dispute" }), ["b"]);
    assert.deepEqual(titles({ q: "bread", fromTime: createdAt, toTime: createdAt }), ["b"]);
    assert.equal(search({ q: "bread", toTime: createdAt - 1 }).total, 1);
    assert.deepEqual(titles({ q: "author:0xabc" }), []);
  });

  it("weighs a title above tags above the text", () => {
    const filler = "some other words here";
    writer.apply([
      put(entryOf("text", { title: filler, tags: ["x"], text: `bread ${filler}` })),
      put(entryOf("tags", { title: filler, tags: ["bread"], text: filler })),
      put(entryOf("title", { title: "bread", tags: ["x"], text: filler })),
      ...Array.from({ length: 20 }, (_, index) => put(entryOf(`other ${index}`))),
    ]);
    const { items } = search({ q: "bread", sort: "relevance" });
    assert.deepEqual(
      items.map(({ excerpt }) => excerpt),
      ["title", "tags", "text"],
    );
    assert.ok(items.every(({ rank }, index) => rank > (items[index + 1]?.rank ?? 0)));
    const byScore = search({ q: "bread", sort: "top" }).items;
    assert.deepEqual(new Set(byScore.map(({ rank }) => rank)), new Set(items.map(({ rank }) => rank)));
  });

  it("follows scores, status and removal, and takes a repeated batch as one", () => {
    const batch = [put(entryOf("a", { text: "bread" }, 5)), put(entryOf("b", { text: "bread" }, 9))];
    writer.apply(batch, "block 1");
    writer.apply(batch, "block 1");
    assert.deepEqual(titles({ q: "bread" }), ["b", "a"]);
    const standing = { scoreNet: 20, status: "action_taken", disputeCount: 1 } as const;
    assert.deepEqual(writer.apply([{ type: "standing", cid: cidOf("a"), standing }], "block 2"), {
      changed: 1,
      ignored: 0,
    });
    assert.deepEqual(titles({ q: "bread" }), ["a", "b"]);
    assert.deepEqual(reader.article(cidOf("a"))?.status, "action_taken");
    assert.deepEqual(
      writer.apply([
        { type: "remove", cid: cidOf("a") },
        { type: "remove", cid: cidOf("x") },
      ]),
      {
        changed: 1,
        ignored: 1,
      },
    );
    assert.deepEqual(titles({ q: "bread" }), ["b"]);
    assert.equal(reader.article(cidOf("a")), undefined);
    assert.equal(writer.position, "block 2");
    assert.deepEqual(reader.leaves("en"), [
      {
        cid: cidOf("b"),
        author: walletOf(1),
        lang: "en",
        createdAt: 1_700_000_000,
        scoreNet: 9,
        status: "normal",
      },
    ]);
  });

  it("ignores languages that it does not index", () => {
    assert.deepEqual(writer.apply([put(entryOf("a", { lang: "fr" }))]), { changed: 0, ignored: 1 });
  });

  it("keeps nothing of a batch that fails, its position neither", () => {
    const broken = entryOf("b", { createdAt: Number.NaN });
    assert.throws(() => writer.apply([put(entryOf("a", { text: "bread" })), put(broken)], "block 1"));
    assert.equal(search({ q: "bread" }).total, 0);
    assert.equal(writer.position, undefined);
  });

  it("has pages that never overlap, in every order, and all of them are everything", () => {
    const few = fc.record({
      score: fc.integer({ min: -2, max: 2 }),
      time: fc.nat(2),
      lang: fc.constantFrom("en", "de"),
    });
    const orders: SortOrder[] = ["top", "new", "trending", "relevance"];
    fc.assert(
      fc.property(
        fc.array(few, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        (articles, size) => {
          const changes = articles.map(({ score, time, lang }, index) =>
            put(entryOf(`bread ${index}`, { lang, createdAt: 1_700_000_000 + time }, score)),
          );
          writer.apply(
            [...reader.leaves("en"), ...reader.leaves("de")].map(({ cid }) => ({ type: "remove", cid })),
          );
          writer.apply(changes);
          for (const sort of orders) {
            const seen: string[] = [];
            for (let from = 0; from < articles.length; from += size) {
              const page = search({ q: "bread", sort, from, size });
              assert.equal(page.total, articles.length);
              seen.push(...page.items.map(({ cid }) => cid));
            }
            assert.equal(new Set(seen).size, articles.length);
            assert.deepEqual(
              seen,
              search({ q: "bread", sort, size: 100 }).items.map(({ cid }) => cid),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it("orders by score, then time, then CID", () => {
    const names = ["a", "b", "c", "d"];
    writer.apply([
      ...names.map((name) => put(entryOf(name, { text: "bread" }))),
      put(entryOf("newer", { text: "bread", createdAt: 1_700_000_001 })),
      put(entryOf("best", { text: "bread", createdAt: 5 }, 1)),
    ]);
    const byCid = names.toSorted((left, right) => (cidOf(left) < cidOf(right) ? -1 : 1));
    assert.deepEqual(titles({ q: "bread" }), ["best", "newer", ...byCid]);
    assert.deepEqual(titles({ q: "bread", sort: "new" }), ["newer", ...byCid, "best"]);
  });

  it("answers whatever a user types", () => {
    writer.apply([
      put(entryOf("bread", { text: "bread and NEAR water", tags: ["and"] })),
      put(entryOf("面包", { lang: "zh" })),
    ]);
    const piece = fc.constantFrom(
      ...'" "" * ^ - + ( ) : AND OR NOT NEAR NEAR( tag: author: tag:" title: {title} -title : \' \\ \0 \u0001 \ud800 \u202e % _ ; -- /* ? ?1 bread 面包 المكتبة ขนมปัง 🍞 e\u0301 ﷽ İ ß'.split(
        " ",
      ),
    );
    const typed = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(" ").slice(0, 256)),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("").slice(0, 256)),
      fc.string({ unit: "binary", maxLength: 256 }),
    );
    fc.assert(
      fc.property(typed, fc.constantFrom<SortOrder>("top", "relevance"), (q, sort) => {
        const { total, items } = search({ q, sort });
        assert.equal(total, items.length);
      }),
      { numRuns: 500 },
    );
    assert.equal(search({ q: "" }).total, 0);
    assert.equal(search({ q: "!!!" }).total, 0);
    assert.equal(search({ q: "NEAR" }).total, 1);
  });
});

describe("a query", () => {
  it("has words, phrases, tags and authors; all else is text", () => {
    assert.deepEqual(parseQuery(`fresh "sour dough" TAG:Bread author:${walletOf(1)} author:0xabc tag: x"y`), {
      texts: ["fresh", "author:0xabc", "tag:", "x", "y"],
      phrases: ["sour dough"],
      tags: ["bread"],
      authors: [walletOf(1)],
    });
  });
});

describe("trending", () => {
  it("orders by score · 2^(−age / 36 h) at any time", () => {
    const scores = fc.integer({ min: -1_000, max: 1_000 });
    const times = fc.integer({ min: 1_700_000_000, max: 1_700_500_000 });
    fc.assert(
      fc.property(scores, times, scores, times, fc.nat(500_000), (scoreA, timeA, scoreB, timeB, later) => {
        const now = 1_700_500_000 + later;
        const [a, b] = [trendValue(scoreA, timeA, now), trendValue(scoreB, timeB, now)];
        // Values this close are one to the value's own rounding.
        if (Math.abs(a - b) <= 1e-9 * Math.abs(a)) return;
        assert.equal(Math.sign(trendKey(scoreA, timeA) - trendKey(scoreB, timeB)), Math.sign(a - b));
      }),
    );
    assert.equal(trendValue(8, 0, 36 * 3_600), 4);
  });
});
