/** Checks the relative links of one Markdown page and counts its words: `node check-page.js docs/spec.md`. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const [, , page = ""] = process.argv;
const text = readFileSync(page, "utf8");
const links = linksOf(text);
const broken = links.flatMap((link) => {
  const flaw = flawOf(link, page);
  return flaw === null ? [] : [`${page}: ${link} ${flaw}`];
});
console.log(`${prose(text).match(/[\p{L}\p{N}]+/gu)?.length ?? 0} words, ${links.length} links`);
for (const line of broken) console.error(line);
process.exitCode = broken.length > 0 ? 1 : 0;

/** The page without its code, where nothing is a link or a heading. */
function prose(markdown: string): string {
  return markdown
    .replace(/^ *(`{3,}|~{3,})[\s\S]*?^ *\1.*$/gmu, "")
    .replace(/(`+)[\s\S]*?\1/gu, "");
}

/** The targets of inline links, images and link definitions. */
function linksOf(markdown: string): readonly string[] {
  const inline = prose(markdown).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/gu);
  const defined = prose(markdown).matchAll(/^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)/gmu);
  return [...inline, ...defined].map(([, target = ""]) => target);
}

/** Says what is wrong with a link, or null; links to other sites are not looked at. */
function flawOf(link: string, from: string): string | null {
  if (/^[a-z][a-z+.-]*:|^\/\//iu.test(link)) return null;
  const [path = "", anchor = ""] = link.split("#").map(decodeURIComponent);
  const file = path === "" ? from : join(dirname(from), path);
  if (!existsSync(file)) return "leads to no file";
  if (anchor === "" || statSync(file).isDirectory() || !file.endsWith(".md")) return null;
  return anchorsOf(readFileSync(file, "utf8")).has(anchor) ? null : "leads to no heading";
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const body = markdown.replace(/^ *(`{3,}|~{3,})[\s\S]*?^ *\1.*$/gmu, "");
  for (const [, heading = ""] of body.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gmu)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/gu, "-");
    let anchor = slug;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${slug}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}
