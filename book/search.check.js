// node book/search.check.js BOOK WORD…: how many places of a made book each word finds.
const fs = require("fs"), path = require("path"), vm = require("vm");
const [book, ...words] = process.argv.slice(2);
const page = fs.readFileSync(path.join(book, "index.html"), "utf8");
const file = name => path.join(book, fs.readdirSync(book).find(it => it.startsWith(name) && it.endsWith(".js")));
const context = vm.createContext({ console });
context.window = context;
// What the page's own scripts have begun.
context.search = {};
const scripts = [file("elasticlunr"), file("searchindex")];
const own = page.match(/src="(search-[^"]*\.ja\.js)"/);
if (own) scripts.splice(1, 0, path.join(book, own[1]));
for (const script of scripts) vm.runInContext(fs.readFileSync(script, "utf8"), context);
const found = vm.runInContext(`(words, page) => {
  const config = window.search;
  const index = elasticlunr.Index.load(config.index);
  return words.map(word => index.search(word, config.search_options).length);
}`, context)(words);
console.log(JSON.stringify(found));
