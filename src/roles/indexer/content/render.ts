import MarkdownIt, { type Token } from "markdown-it";
import { bodyBytes } from "./limits.ts";
import { isActiveHtml, judgeLink } from "./links.ts";
import { hasControls, withoutControls } from "./plain-text.ts";
import { type Checked, checked, refuse } from "./refusal.ts";

/** What was made harmless on the way; the article is shown all the same. */
export type RenderNote = "CONTROLS_REMOVED" | "HTML_SHOWN_AS_TEXT" | "LINK_DROPPED" | "IMAGE_DROPPED";

export interface Rendering {
  readonly html: string;
  /** The words alone, for the index and excerpts. */
  readonly text: string;
  /** Sorted. */
  readonly notes: readonly RenderNote[];
}

/** Quotes in lists in quotes: no reader follows sixteen; the parser works up to twice as deep. */
const nestingLevels = 32;
/** One reference used a hundred thousand times would make pages of hundreds of megabytes. */
const htmlCharacters = 4 * 1024 * 1024;

// CommonMark without extensions. Links are judged here, not by the parser, so that forbidden ones are seen.
const parser = new MarkdownIt("commonmark", { html: true, maxNesting: 2 * nestingLevels });
parser.validateLink = () => true;

// An image's description is parsed by itself, and images in it again; the parser has no bound of its own for that.
const parseInline = parser.inline.parse.bind(parser.inline);
let inlineDepth = 0;
parser.inline.parse = (...parameters) => {
  if (inlineDepth >= nestingLevels)
    refuse("MARKUP_TOO_DEEP", `images are nested deeper than ${nestingLevels}`);
  inlineDepth += 1;
  try {
    parseInline(...parameters);
  } finally {
    inlineDepth -= 1;
  }
};

/** The elements that the walk below writes: this, and nothing else, is the allow-list. */
const plainElements = new Set([
  "p",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "blockquote",
  "ul",
  "ol",
  "li",
  "em",
  "strong",
]);
const lineElements = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "li"]);

/**
 * CommonMark (https://spec.commonmark.org/0.31.2/) to HTML, the same everywhere. Raw HTML becomes text; scripts, event
 * handlers, `javascript:` and `data:` links are refused; links and images that lead outside the rules lose their target.
 * `alts` are the package's images by path.
 */
export function renderMarkdown(markdown: string, alts: ReadonlyMap<string, string>): Checked<Rendering> {
  return checked(() => {
    if (markdown.length > bodyBytes) refuse("OVER_LIMITS", `more than ${bodyBytes} characters of Markdown`);
    return new Walk(alts).render(parser.parse(markdown, {}));
  });
}

class Walk {
  readonly #alts: ReadonlyMap<string, string>;
  readonly #notes = new Set<RenderNote>();
  readonly #html: string[] = [];
  readonly #text: string[] = [];
  #htmlCharacters = 0;
  /** For each open link, whether it was written. */
  readonly #links: boolean[] = [];

  constructor(alts: ReadonlyMap<string, string>) {
    this.#alts = alts;
  }

  render(tokens: readonly Token[]): Rendering {
    this.#walk(tokens);
    return { html: this.#html.join(""), text: this.#text.join("").trim(), notes: [...this.#notes].sort() };
  }

  #walk(tokens: readonly Token[]): void {
    for (const token of tokens) {
      if (token.level > nestingLevels)
        refuse("MARKUP_TOO_DEEP", `markup is nested deeper than ${nestingLevels}`);
      this.#token(token);
    }
  }

  #token(token: Token): void {
    switch (token.type) {
      case "inline":
        return this.#walk(token.children ?? []);
      case "text":
      case "text_special":
        return this.#words(token.content);
      case "softbreak":
        return this.#write("\n", "\n");
      case "hardbreak":
        return this.#write("<br>\n", "\n");
      case "hr":
        return this.#write("<hr>\n", "\n");
      case "code_inline":
        this.#write("<code>");
        this.#words(token.content);
        return this.#write("</code>");
      case "code_block":
      case "fence":
        this.#write("<pre><code>");
        this.#words(token.content);
        return this.#write("</code></pre>\n", "\n");
      case "html_inline":
      case "html_block":
        return this.#rawHtml(token.content);
      case "image":
        return this.#image(token);
      case "link_open":
        return this.#linkOpen(token);
      case "link_close":
        return this.#links.pop() === true ? this.#write("</a>") : undefined;
      default:
        return this.#element(token);
    }
  }

  #element({ type, tag, nesting, hidden, attrs }: Token): void {
    if (!plainElements.has(tag)) throw new Error(`the Markdown parser made a token of type ${type}`);
    const isLine = lineElements.has(tag);
    if (hidden) return this.#write("", nesting < 0 ? "\n" : "");
    if (nesting < 0)
      return this.#write(tag === "em" || tag === "strong" ? `</${tag}>` : `</${tag}>\n`, isLine ? "\n" : "");
    const start = Number(attrs?.find(([name]) => name === "start")?.[1] ?? 1);
    this.#write(
      tag === "ol" && start !== 1 && Number.isSafeInteger(start) ? `<ol start="${start}">` : `<${tag}>`,
    );
  }

  #rawHtml(html: string): void {
    if (isActiveHtml(html))
      refuse("FORBIDDEN_MARKUP", "the text holds a script, a frame or an event handler as HTML");
    this.#notes.add("HTML_SHOWN_AS_TEXT");
    this.#words(html);
  }

  #linkOpen(token: Token): void {
    const href = attribute(token, "href");
    const verdict = judgeLink(href);
    if (verdict === "forbidden")
      refuse("FORBIDDEN_MARKUP", `a link leads to ${JSON.stringify(href.slice(0, 40))}`);
    if (verdict === "dropped") this.#notes.add("LINK_DROPPED");
    else this.#write(`<a href="${this.#escaped(href)}" rel="nofollow noopener noreferrer">`);
    this.#links.push(verdict === "allowed");
  }

  #image(token: Token): void {
    const path = attribute(token, "src");
    if (judgeLink(path) === "forbidden")
      refuse("FORBIDDEN_MARKUP", `an image comes from ${JSON.stringify(path.slice(0, 40))}`);
    const described = token.content.trim() === "" ? undefined : plainTextOf(token.children ?? []);
    const alt = this.#alts.get(path);
    const shown = described ?? alt ?? "";
    if (alt === undefined) {
      // An image from elsewhere would tell its server who reads what.
      this.#notes.add("IMAGE_DROPPED");
      return this.#words(shown);
    }
    this.#write(
      `<img src="${this.#escaped(path)}" alt="${this.#escaped(shown)}">`,
      ` ${withoutControls(shown)} `,
    );
  }

  #words(content: string): void {
    this.#write(this.#escaped(content), withoutControls(content));
  }

  #escaped(text: string): string {
    if (hasControls(text)) this.#notes.add("CONTROLS_REMOVED");
    return withoutControls(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  }

  #write(html: string, text = ""): void {
    this.#htmlCharacters += html.length;
    if (this.#htmlCharacters > htmlCharacters)
      refuse("OVER_LIMITS", `the article unfolds into more than ${htmlCharacters} characters of HTML`);
    this.#html.push(html);
    if (text !== "") this.#text.push(text);
  }
}

const attribute = (token: Token, name: string): string =>
  String(token.attrs?.find(([key]) => key === name)?.[1] ?? "");

/** An image's description is markup itself; only its words count. */
function plainTextOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, content, children }) => {
      if (type === "softbreak" || type === "hardbreak") return " ";
      return children === null || children.length === 0 ? content : plainTextOf(children);
    })
    .join("");
}
