/** A pattern for `like ? escape '\\'` that finds `part` anywhere. */
export const containing = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`;
