/**
 * What has to go from a Node binary before the program is put into it. Both functions return a new buffer and throw when
 * the file is not of the kind they know.
 */

/**
 * An ELF file (64 bit, little endian) without what is never loaded: symbols and debug information, which stand behind
 * the last segment, and the section headers that describe them. Saves 18 MB. Source: System V ABI, chapters 4 and 5.
 */
export function withoutSymbols(elf: Buffer): Buffer {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) throw new Error('not a 64-bit ELF file');
  const programHeaders = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const ends = Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const header = programHeaders + index * size;
    return Number(elf.readBigUInt64LE(header + 8) + elf.readBigUInt64LE(header + 32));
  });
  const loaded = Buffer.from(elf.subarray(0, Math.max(...ends)));
  loaded.writeBigUInt64LE(0n, 40); // e_shoff
  loaded.writeUInt16LE(0, 60); // e_shnum
  loaded.writeUInt16LE(0, 62); // e_shstrndx
  return loaded;
}

const PE32_PLUS = 0x20b;
/** Of the optional header: its checksum, and the entry of the data directories that says where the signature is. */
const [CHECKSUM, CERTIFICATE_TABLE] = [64, 112 + 4 * 8];

/**
 * A Windows program without its Authenticode signature, which stands at the file's end. It must go before anything is
 * changed: afterwards it is broken and in the way of a new one. Source: PE format, "Attribute Certificate Table".
 */
export function withoutSignature(exe: Buffer): Buffer {
  const pe = exe.readUInt32LE(0x3c);
  const optional = pe + 24;
  if (exe.toString('latin1', pe, pe + 4) !== 'PE\0\0' || exe.readUInt16LE(optional) !== PE32_PLUS) {
    throw new Error('not a 64-bit Windows program');
  }
  const [at, size] = [
    exe.readUInt32LE(optional + CERTIFICATE_TABLE),
    exe.readUInt32LE(optional + CERTIFICATE_TABLE + 4),
  ];
  if (at === 0) return Buffer.from(exe);
  if (at + size !== exe.length) throw new Error('the signature is not at the end of the file');
  const unsigned = Buffer.from(exe.subarray(0, at));
  unsigned.writeUInt32LE(0, optional + CHECKSUM);
  unsigned.writeBigUInt64LE(0n, optional + CERTIFICATE_TABLE);
  return unsigned;
}
