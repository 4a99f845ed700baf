import assert from "node:assert/strict";
import fc from "fast-check";
import { buildArticle, excerptOf } from "../../../src/roles/indexer/content/article.ts";
import { mediaPath } from "../../../src/roles/indexer/content/package.ts";
import { renderMarkdown } from "../../../src/roles/indexer/content/render.ts";
import { articleSource, pngOf } from "../../support/articles.ts";

const loaf = `${mediaPath(pngOf(8, 8))}`;
const alts = new Map([[loaf, "a loaf"]]);

function render(markdown: string) {
  const result = renderMarkdown(markdown, alts);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function refusalOf(markdown: string): string {
  const result = renderMarkdown(markdown, alts);
  return result.ok ? `taken: ${result.value.html}` : result.refusal.code;
}

/** All that may stand between `<` and `>`. */
const allowedTag =
  /^<(?:\/?(?:p|h[1-6]|blockquote|ul|ol|li|em|strong|code|pre|a)|br|hr|ol start="\d+"|a href="(?:https?:|mailto:|ipfs:|#)[^"<>]*" rel="nofollow noopener noreferrer"|img src="media\/[0-9a-f]{64}\.png" alt="[^"<>]*")>$/i;

function assertHarmless(html: string): void {
  const text = html.replace(/<[^>]*>/g, (tag) => {
    assert.match(tag, allowedTag);
    return "";
  });
  assert.doesNotMatch(text, /[<>"']/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
  assert.doesNotMatch(html, /[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/);
}

describe("rendering", () => {
  it("writes CommonMark as HTML", () => {
    const { html, text, notes } = render(
      `# Bread & *water*\n\nOne  \ntwo [three](https://a.example/?q=1&r=2 "title").\n\n- a\n- b\n\n3. c\n\n> \`x<y\`\n\n\`\`\`js\n1 < 2\n\`\`\`\n\n---\n\n![](${loaf}) ![crust **up**](${loaf})`,
    );
    assert.equal(
      html,
      [
        "<h1>Bread &#38; <em>water</em></h1>",
        "<p>One<br>",
        'two <a href="https://a.example/?q=1&#38;r=2" rel="nofollow noopener noreferrer">three</a>.</p>',
        "<ul><li>a</li>",
        "<li>b</li>",
        "</ul>",
        '<ol start="3"><li>c</li>',
        "</ol>",
        "<blockquote><p><code>x&#60;y</code></p>",
        "</blockquote>",
        "<pre><code>1 &#60; 2",
        "</code></pre>",
        "<hr>",
        `<p><img src="${loaf}" alt="a loaf"> <img src="${loaf}" alt="crust up"></p>`,
        "",
      ].join("\n"),
    );
    assert.match(text, /^Bread & water\nOne\ntwo three\.\na\n/);
    assert.deepEqual(notes, []);
  });

  const refused: [string, string][] = [
    ["<script>alert(1)</script>", "FORBIDDEN_MARKUP"],
    ["a <ScRiPt/x>alert(1)</script>", "FORBIDDEN_MARKUP"],
    ["<img src=x onerror=alert(1)>", "FORBIDDEN_MARKUP"],
    ["<svg onload=alert(1)>", "FORBIDDEN_MARKUP"],
    ["<b onclick = 'x'>b</b>", "FORBIDDEN_MARKUP"],
    ["<iframe src='https://a.example'></iframe>", "FORBIDDEN_MARKUP"],
    ["<a href='javascript:alert(1)'>a</a>", "FORBIDDEN_MARKUP"],
    ["[a](javascript:alert(1))", "FORBIDDEN_MARKUP"],
    ["[a](JaVaScRiPt:alert(1))", "FORBIDDEN_MARKUP"],
    ["[a](javascript&colon;alert(1))", "FORBIDDEN_MARKUP"],
    ["[a](java&#10;script:alert(1))", "FORBIDDEN_MARKUP"],
    ["[a](<java\tscript:alert(1)>)", "FORBIDDEN_MARKUP"],
    ["[a](vbscript:x)", "FORBIDDEN_MARKUP"],
    ["[a](data:text/html;base64,PHNjcmlwdD4=)", "FORBIDDEN_MARKUP"],
    ["![a](data:image/svg+xml,x)", "FORBIDDEN_MARKUP"],
    ["<javascript:alert(1)>", "FORBIDDEN_MARKUP"],
    ["[a]\n\n[a]: javascript:alert(1)", "FORBIDDEN_MARKUP"],
    [">".repeat(1000), "MARKUP_TOO_DEEP"],
    ["1) ".repeat(1000), "MARKUP_TOO_DEEP"],
    [`${"*".repeat(500)}a${"*".repeat(500)}`, "MARKUP_TOO_DEEP"],
    [`[a]: https://a.example/${"x".repeat(1900)}\n\n${"[a]".repeat(5000)}`, "OVER_LIMITS"],
  ];
  for (const [markdown, code] of refused) {
    it(`refuses ${JSON.stringify(markdown.slice(0, 50))}: ${code}`, () => {
      assert.equal(refusalOf(markdown), code);
    });
  }

  const neutral: [string, string, string[]][] = [
    ["a <b>b</b>", "<p>a &#60;b&#62;b&#60;/b&#62;</p>\n", ["HTML_SHOWN_AS_TEXT"]],
    ["[a](/etc/passwd)", "<p>a</p>\n", ["LINK_DROPPED"]],
    ["[a](//b.example)", "<p>a</p>\n", ["LINK_DROPPED"]],
    ["[a](ftp://b.example)", "<p>a</p>\n", ["LINK_DROPPED"]],
    ["![a *b*](https://b.example/c.png)", "<p>a b</p>\n", ["IMAGE_DROPPED"]],
    [`![](media/${"0".repeat(64)}.png)`, "<p></p>\n", ["IMAGE_DROPPED"]],
    ["<svg/onload=alert(1)>", "<p>&#60;svg/onload=alert(1)&#62;</p>\n", []],
    ["[a](&#1;javascript:alert(1))", "<p>a</p>\n", ["LINK_DROPPED"]],
    ["a\u202eb&#x2066;c&#8238;d", "<p>abcd</p>\n", ["CONTROLS_REMOVED"]],
    [
      "`javascript:` and `<script>`",
      "<p><code>javascript:</code> and <code>&#60;script&#62;</code></p>\n",
      [],
    ],
    ["\u05d0\u200f\u0627", "<p>\u05d0\u200f\u0627</p>\n", []],
  ];
  for (const [markdown, html, notes] of neutral) {
    it(`makes ${JSON.stringify(markdown.slice(0, 40))} harmless`, () => {
      const rendering = render(markdown);
      assert.equal(rendering.html, html);
      assert.deepEqual(rendering.notes, notes);
    });
  }

  it("writes nothing but the allowed elements, whatever the Markdown", () => {
    const piece = fc.constantFrom(
      ..."< > \" ' & ` * _ [ ] ( ) ! # \\ \n \t \0 \u202e &quot; &#x22; &lt; <!-- --> <a <b> <br/> </p> ![ ](x) [a](https://b) ](http:// \" onerror=x ' ``` > - 1. : ]: https: mailto:x <https://a> media/ <?php ?> <![CDATA[ ]]>".split(
        " ",
      ),
      "javascript:",
      "onload=",
      `](${loaf})`,
      "\n\n",
      "    ",
      '<img src="x">',
      " ",
    );
    const hostile = fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 40 });
    fc.assert(
      fc.property(hostile, (pieces) => {
        const result = renderMarkdown(pieces.join(""), alts);
        if (result.ok) assertHarmless(result.value.html);
        assert.deepEqual(renderMarkdown(pieces.join(""), alts), result);
      }),
      { numRuns: 250 },
    );
  });
});

describe("an article", () => {
  it("keeps a preview that is its rendering, and ignores another", () => {
    const { markdown } = articleSource();
    const notesWith = (preview: string) => {
      const result = buildArticle(articleSource({ preview }));
      assert.ok(result.ok);
      return result.value.notes;
    };
    assert.deepEqual(notesWith(render(markdown).html), []);
    assert.deepEqual(notesWith("<p>Another text</p>"), ["PREVIEW_IGNORED"]);
  });

  it("with forbidden markup is not built", () => {
    const result = buildArticle(articleSource({ markdown: "<script>x</script>" }));
    assert.equal(result.ok ? "built" : result.refusal.code, "FORBIDDEN_MARKUP");
  });

  it("has an excerpt of whole characters on one line", () => {
    assert.equal(excerptOf("a\n\n b"), "a b");
    assert.equal(excerptOf("word ".repeat(100)), `${"word ".repeat(48).trim()}…`);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (text) => {
        const excerpt = excerptOf(text);
        assert.ok([...excerpt].length <= 241 && !excerpt.includes("\n"));
        assert.equal(excerpt.isWellFormed(), true);
      }),
    );
  });
});
