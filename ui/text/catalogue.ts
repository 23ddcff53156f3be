/** Languages that a part of the catalogue may be written in. English is in every part. */
type Language = 'en' | 'de' | 'fr' | 'hi' | 'zh';

/** The browser's language if the interface has it. */
const wanted = navigator.language.slice(0, 2) as Language;

/**
 * The texts of one part of the interface, in the reader's language. This folder is the catalogue: one file for each
 * part, so that a page loads its own texts only. A further language is one more key in each file; the types see to it
 * that nothing is missing. Texts with parts that change are functions.
 */
export const catalogue = <Texts>(languages: { en: Texts } & { [Key in Language]?: Texts }): Texts =>
  languages[wanted] ?? languages.en;
