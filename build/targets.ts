/** What an executable is built for. */
export interface Target {
  /** As it stands in the file's name. */
  readonly name: 'linux-x64' | 'linux-arm64' | 'win-x64';
  /** `process.platform` and `process.arch` there, as packages name their native libraries. */
  readonly platform: 'linux' | 'win32';
  readonly arch: 'x64' | 'arm64';
  /** Ending of the executable's name. */
  readonly suffix: '' | '.exe';
}

export const TARGETS: readonly Target[] = [
  { name: 'linux-x64', platform: 'linux', arch: 'x64', suffix: '' },
  { name: 'linux-arm64', platform: 'linux', arch: 'arm64', suffix: '' },
  { name: 'win-x64', platform: 'win32', arch: 'x64', suffix: '.exe' },
];
