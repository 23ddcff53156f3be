/** Parsed JSON of every shape: tests look into answers, and fail where these are not as expected. */
// biome-ignore lint/suspicious/noExplicitAny: that is the purpose
export type Json = any;
