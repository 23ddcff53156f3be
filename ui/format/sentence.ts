/** The API's words, which begin small and end without a full stop, as a sentence. */
export const sentence = (words: string): string =>
  words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.…?}]$/.test(words) ? '' : '.'}`;
