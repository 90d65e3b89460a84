// The page's texts, in the first of the visitor's languages that it has.

var LANGUAGE = navigator.languages.map((name) => name.split("-")[0]).find((name) => name in TEXTS) ?? "en";

function say(key, values = {}) {
  return TEXTS[LANGUAGE][key].replace(/{(\w+)}/g, (_, name) => values[name]);
}
