declare module 'postject' {
  /** Puts a blob into a program as a note (ELF), a resource (PE) or a section (Mach-O). */
  export function inject(
    file: string,
    resource: string,
    content: Buffer,
    options: { readonly sentinelFuse: string },
  ): Promise<void>;
}
