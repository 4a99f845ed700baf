import assert from "node:assert/strict";
import fc from "fast-check";
import { wordRules } from "../../../src/roles/indexer/index/words.ts";

const termsIn = async (language: string, text: string) => (await wordRules(language)).terms(text);

describe("words", () => {
  const samples: [string, string, string, string[]][] = [
    ["stems English", "en", "Running foxes' libraries", ["run", "fox", "librari"]],
    ["stems German, ß and SS alike", "de", "Häuser STRASSE straße", ["haus", "strass", "strass"]],
    ["folds width and case", "en", "ＦＵＬＬ ﬁle K", ["full", "file", "k"]],
    [
      "splits what dots, hyphens and underscores join",
      "en",
      "node.js e-mail snake_case",
      ["node", "js", "e", "mail", "snake", "case"],
    ],
    ["drops apostrophes and joiners", "en", "don\u2019t soft\u00adware", ["dont", "softwar"]],
    ["segments Chinese", "zh", "我们喜欢新鲜面包。", ["我们", "喜欢", "新鲜", "面包"]],
    ["segments Japanese", "ja", "東京都でパンを食べる", ["東京", "都", "で", "パン", "を", "食べる"]],
    ["segments Thai", "th", "ขนมปังอร่อย", ["ขนมปัง", "อร่อย"]],
    ["keeps Hindi marks with their letters", "xx", "हिन्दी", ["हिन्दी"]],
    ["knows the Turkish i", "tr", "İSTANBUL", ["istanbul"]],
    ["finds nothing in punctuation and pictures", "en", "!? \u0000 … 🍞 \ud800", []],
  ];
  for (const [what, language, text, terms] of samples) {
    it(what, async () => {
      assert.deepEqual(await termsIn(language, text), terms);
    });
  }

  it("find an Arabic word under its article", async () => {
    assert.deepEqual(await termsIn("ar", "المكتبة"), await termsIn("ar", "مكتبة"));
  });

  it("know stop words as they stand in texts", async () => {
    const rules = await wordRules("en");
    assert.ok(rules.terms("The Because").every(rules.isStopTerm));
    assert.ok(!rules.terms("bread").some(rules.isStopTerm));
  });

  it("are terms of letters, digits and marks, whatever the text and the language", async () => {
    const all = await Promise.all("en de fr tr ar zh ja th ru hi hu xx".split(" ").map(wordRules));
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.string({ unit: "binary", maxLength: 60 }), (rules, text) => {
        for (const term of rules.terms(text)) {
          assert.match(term, /^[\p{L}\p{N}\p{M}]+$/u);
          assert.ok(term.length <= 64);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("of a text are those of its pieces, however long it is", async () => {
    const rules = await wordRules("en");
    assert.deepEqual(rules.terms("bread water ".repeat(5_000)), Array(5_000).fill(["bread", "water"]).flat());
    assert.equal(
      rules.terms("x".repeat(50_000)).every((term) => term.length <= 64),
      true,
    );
  });
});
