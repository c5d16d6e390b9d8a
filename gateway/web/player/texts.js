/** The words of the player: catalogues by language, English for what a language lacks, numbers and plurals by Intl. */

import { Unreachable } from "./api.js";

const LANGUAGES = ["en", "ar"];
const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];

/**
 * @typedef {Object} Texts
 * @property {string} language
 * @property {"ltr" | "rtl"} direction
 * @property {(key: string, params?: Object<string, string | number>) => string} t  numbers in `params` are formatted;
 *   `params.count` chooses the plural
 * @property {(value: number, options?: Intl.NumberFormatOptions) => string} number
 */

/**
 * Load the catalogue that fits a locale best.
 *
 * @param {string} locale such as `en` or `ar-EG`
 * @returns {Promise<Texts>}
 */
export async function loadTexts(locale) {
  const wanted = locale.split("-")[0].toLowerCase();
  const language = LANGUAGES.includes(wanted) ? wanted : "en";
  const [english, own] = await Promise.all([catalogue("en"), language === "en" ? {} : catalogue(language)]);
  return textsOf({ ...english, ...own }, language, language === wanted ? locale : language);
}

const loaded = new Map();

/** A catalogue; once it is there, it is there without a network too. */
async function catalogue(language) {
  try {
    if (!loaded.has(language)) {
      const response = await fetch(new URL(`./texts/${language}.json`, import.meta.url));
      loaded.set(language, await response.json());
    }
    return loaded.get(language);
  } catch (error) {
    throw new Unreachable(`The texts in '${language}' could not be loaded.`, { cause: error });
  }
}

/** @returns {Texts} */
function textsOf(words, language, locale) {
  const plurals = new Intl.PluralRules(locale);
  const plain = new Intl.NumberFormat(locale);
  const number = (value, options) => (options ? new Intl.NumberFormat(locale, options) : plain).format(value);
  const told = (value) => (typeof value === "number" ? number(value) : value);

  /** The plural's form for a count; a catalogue may have words of its own for none. */
  function formFor(forms, count) {
    return (count === 0 && forms.zero) || forms[plurals.select(count)] || forms.other;
  }

  function t(key, params = {}) {
    const entry = words[key] ?? key;
    const text = typeof entry === "string" ? entry : formFor(entry, params.count);
    return text.replace(/\{(\w+)\}/g, (placeholder, name) => (name in params ? told(params[name]) : placeholder));
  }

  return { language, direction: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr", t, number };
}
